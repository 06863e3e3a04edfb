# cuebench_text_resource(OUT_VAR SYMBOL FILE): a .cpp that defines `const char* const SYMBOL` with the file's text.
function(cuebench_text_resource out_var symbol file)
  file(READ ${file} text)
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.cpp)
  file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT
    "// Generated from @file@.\nnamespace cuebench {\nextern const char* const @symbol@;\nconst char* const @symbol@ = R\"resource(@text@)resource\";\n}  // namespace cuebench\n")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  set(${out_var} ${generated} PARENT_SCOPE)
endfunction()
