#include "script_inliner.hpp"

#include <cctype>
#include <unordered_map>

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {

const char* const kTapAttribute = "cuebench_tap";

namespace {

namespace jit = torch::jit;
using ObjectPointer = c10::intrusive_ptr<c10::ivalue::Object>;

struct Owner {
  ObjectPointer object;
  std::string path;
};

bool is_module(const c10::IValue& value) {
  return value.isObject() && value.toObjectRef().type()->is_module();
}

/// Tracing names the second call of a module forward1, the third forward2.
bool is_forward(const std::string& method) {
  if (method.rfind("forward", 0) != 0) return false;
  for (std::size_t i = 7; i < method.size(); ++i)
    if (!std::isdigit(static_cast<unsigned char>(method[i]))) return false;
  return true;
}

class Inliner {
 public:
  Inliner(jit::Graph& graph, jit::Value* self, const ObjectPointer& root) : graph_(graph) {
    owners_[self] = {root, ""};
  }

  void run(jit::Block* block) {
    for (jit::Node* node = block->param_node()->next(); node != block->return_node();) {
      jit::Node* const before = node->prev();
      for (jit::Block* inner : node->blocks()) run(inner);
      const bool replaced = node->kind() == c10::prim::GetAttr        ? replace_attribute(node)
                            : node->kind() == c10::prim::CallMethod   ? inline_method(node)
                            : node->kind() == c10::prim::CallFunction ? inline_function(node)
                                                                      : false;
      // What was put in the node's place is visited too.
      node = replaced ? before->next() : node->next();
    }
  }

 private:
  const Owner* owner_of(const jit::Value* value) const {
    const auto found = owners_.find(value);
    return found == owners_.end() ? nullptr : &found->second;
  }

  /// A submodule is remembered under its path; anything else becomes a constant.
  bool replace_attribute(jit::Node* node) {
    const Owner* const owner = owner_of(node->input());
    if (!owner) return false;
    const std::string& name = node->s(c10::attr::name);
    c10::IValue value = owner->object->getAttr(name);
    if (is_module(value)) {
      const std::string path = owner->path.empty() ? name : owner->path + "." + name;
      owners_[node->output()] = {value.toObject(), path};
      return false;
    }
    if (value.isTensor()) value = value.toTensor().detach();
    // Quantised weights are objects; a graph may hold one that does not keep its own program alive.
    if (value.isObject()) value = value.toObject()->copy_to_weak_compilation_ref();
    const jit::WithInsertPoint place(node);
    const auto constant = jit::tryInsertConstant(graph_, value);
    if (!constant) return false;
    node->output()->replaceAllUsesWith(*constant);
    node->destroy();
    return true;
  }

  bool inline_method(jit::Node* node) {
    const Owner* const owner = owner_of(node->input(0));
    if (!owner) return false;
    const std::string method = node->s(c10::attr::name);
    c10::TypePtr unused;
    jit::Function* const function = owner->object->type()->findMethod(method);
    jit::GraphFunction* const callee = function ? jit::tryToGraphFunction(*function) : nullptr;
    if (!callee) return false;
    const std::string path = owner->path;  // the map may grow
    const auto outputs = replace_call(node, *callee, node->inputs());
    if (is_forward(method) && !path.empty() && outputs.size() == 1) mark(node, outputs[0], path);
    node->destroy();
    return true;
  }

  bool inline_function(jit::Node* node) {
    const auto type = node->input(0)->type()->cast<c10::FunctionType>();
    jit::GraphFunction* const callee = type ? jit::tryToGraphFunction(*type->function()) : nullptr;
    if (!callee) return false;
    replace_call(node, *callee, node->inputs().slice(1));
    node->destroy();
    return true;
  }

  std::vector<jit::Value*> replace_call(jit::Node* node, jit::GraphFunction& callee, at::ArrayRef<jit::Value*> inputs) {
    const jit::WithInsertPoint place(node);
    const std::vector<jit::Value*> outputs = jit::insertGraph(graph_, *callee.graph(), inputs);
    for (std::size_t i = 0; i < outputs.size(); ++i) node->output(i)->replaceAllUsesWith(outputs[i]);
    return outputs;
  }

  /// A print has side effects, so no pass removes it, and it follows its value through every replacement.
  void mark(jit::Node* before, jit::Value* value, const std::string& path) {
    jit::Node* const marker = graph_.create(c10::prim::Print, {value}, 0);
    marker->s_(c10::Symbol::attr(kTapAttribute), path);
    marker->insertBefore(before);
  }

  jit::Graph& graph_;
  std::unordered_map<const jit::Value*, Owner> owners_;
};

/// Inputs after the images take their defaults.
void bind_defaults(jit::Graph& graph, const c10::FunctionSchema& schema, const std::string& model) {
  const auto& arguments = schema.arguments();
  if (graph.inputs().size() < 2) throw UsageError(model + ": its forward takes no image; export a classifier");
  const jit::WithInsertPoint place(graph.block()->nodes().front());
  for (std::size_t i = graph.inputs().size() - 1; i >= 2; --i) {
    if (i >= arguments.size() || !arguments[i].default_value())
      throw UsageError(model + ": its forward takes more than one input; export a module that takes the images alone");
    graph.inputs()[i]->replaceAllUsesWith(graph.insertConstant(*arguments[i].default_value()));
    graph.eraseInput(i);
  }
}

bool changes_state(jit::Block* block) {
  for (jit::Node* node : block->nodes()) {
    if (node->kind() == c10::prim::SetAttr) return true;
    for (jit::Block* inner : node->blocks())
      if (changes_state(inner)) return true;
  }
  return false;
}

}  // namespace

std::shared_ptr<jit::Graph> inline_module(const jit::Module& module, const std::string& model) {
  const auto method = module.find_method("forward");
  if (!method) throw UsageError(model + " is TorchScript without a forward method; export the classifier itself");
  const std::shared_ptr<jit::Graph> graph = method->graph()->copy();
  bind_defaults(*graph, method->function().getSchema(), model);
  Inliner(*graph, graph->inputs()[0], module._ivalue()).run(graph->block());
  // Branches on constants (training, inplace) fall away and what they held moves to the top.
  for (int pass = 0; pass < 2; ++pass) {
    auto mutable_graph = graph;
    jit::ConstantPropagation(mutable_graph);
    jit::EliminateDeadCode(mutable_graph->block());
  }
  if (changes_state(graph->block()))
    throw UsageError(model + ": its forward changes the module's own state; export it in eval mode");
  if (!graph->inputs()[0]->uses().empty())
    throw UsageError(model + ": its forward needs the module object itself; export it with torch.jit.trace");
  graph->eraseInput(0);
  return graph;
}

}  // namespace cuebench
