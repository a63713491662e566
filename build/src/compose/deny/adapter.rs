//! A component whose functions return nothing: empty lists and absent strings.

use wasm_encoder::{
    Alias, CanonicalFunctionSection, CanonicalOption, CodeSection, Component,
    ComponentAliasSection, ComponentDefinedTypeEncoder, ComponentExportKind,
    ComponentExportSection, ComponentImportSection, ComponentInstanceSection, ComponentTypeRef,
    ComponentTypeSection, ComponentValType, ExportKind, ExportSection, Function, FunctionSection,
    InstanceSection, InstanceType, MemorySection, MemoryType, Module, ModuleArg, ModuleSection,
    TypeBounds, TypeSection, ValType,
};

/// An adapter in the making, with the sizes of its index spaces.
pub(super) struct AdapterBuilder {
    component: Component,
    types: u32,
    functions: u32,
    instances: u32,
}

impl AdapterBuilder {
    /// With the one core function that stands behind every function, and the memory that it points into.
    pub(super) fn new() -> Self {
        let mut component = Component::new();
        component.section(&ModuleSection(&nothing()));
        let no_imports: [(&str, ModuleArg); 0] = [];
        component.section(InstanceSection::new().instantiate(0, no_imports));
        let mut aliases = ComponentAliasSection::new();
        for (kind, name) in [
            (ExportKind::Func, "nothing"),
            (ExportKind::Memory, "memory"),
        ] {
            aliases.alias(Alias::CoreInstanceExport {
                instance: 0,
                kind,
                name,
            });
        }
        component.section(&aliases);
        Self {
            component,
            types: 0,
            functions: 0,
            instances: 0,
        }
    }

    /// Adds a type; returns its index.
    pub(super) fn defined(&mut self, define: impl FnOnce(ComponentDefinedTypeEncoder<'_>)) -> u32 {
        let mut types = ComponentTypeSection::new();
        define(types.defined_type());
        self.component.section(&types);
        next(&mut self.types)
    }

    /// Imports a resource type of an interface; returns its index.
    pub(super) fn resource(&mut self, interface: &str, name: &str) -> u32 {
        let mut exports = InstanceType::new();
        exports.export(name, ComponentTypeRef::Type(TypeBounds::SubResource));
        self.component
            .section(ComponentTypeSection::new().instance(&exports));
        let kind = ComponentTypeRef::Instance(next(&mut self.types));
        self.component
            .section(ComponentImportSection::new().import(interface, kind));
        let alias = Alias::InstanceExport {
            instance: next(&mut self.instances),
            kind: ComponentExportKind::Type,
            name,
        };
        self.component
            .section(ComponentAliasSection::new().alias(alias));
        next(&mut self.types)
    }

    /// Adds a function without parameters that returns an empty value of a type; returns its index.
    pub(super) fn nothing(&mut self, result: u32) -> u32 {
        let mut types = ComponentTypeSection::new();
        let no_parameters: [(&str, ComponentValType); 0] = [];
        types
            .function()
            .params(no_parameters)
            .result(Some(ComponentValType::Type(result)));
        self.component.section(&types);
        let mut functions = CanonicalFunctionSection::new();
        functions.lift(0, next(&mut self.types), [CanonicalOption::Memory(0)]);
        self.component.section(&functions);
        next(&mut self.functions)
    }

    /// Exports an instance with these functions.
    pub(super) fn export(&mut self, interface: &str, functions: &[(&str, u32)]) {
        let exports = functions
            .iter()
            .map(|(name, function)| (*name, ComponentExportKind::Func, *function));
        let mut instances = ComponentInstanceSection::new();
        instances.export_items(exports);
        self.component.section(&instances);
        let instance = next(&mut self.instances);
        let mut exports = ComponentExportSection::new();
        exports.export(interface, ComponentExportKind::Instance, instance, None);
        self.component.section(&exports);
        // An export has an index of its own.
        self.instances += 1;
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.component.finish()
    }
}

fn next(count: &mut u32) -> u32 {
    let index = *count;
    *count += 1;
    index
}

/// The function returns the address of zeros, which is an empty list as well as an absent string.
fn nothing() -> Module {
    let mut types = TypeSection::new();
    types.ty().function([], [ValType::I32]);
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    exports.export("nothing", ExportKind::Func, 0);
    let mut body = Function::new([]);
    body.instructions().i32_const(0).end();
    let mut code = CodeSection::new();
    code.function(&body);
    let mut module = Module::new();
    module
        .section(&types)
        .section(&functions)
        .section(&memories)
        .section(&exports)
        .section(&code);
    module
}
