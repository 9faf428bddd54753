using System.Reflection;
using System.Text;

namespace Parley.tests.Host.Architecture;

/// <summary>Writes an assembly's public face as text: a line a member, in an order that does not depend on the source's.</summary>
internal static class PublicApi
{
    private static readonly NullabilityInfoContext Nullability = new();

    public static string Write(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(Name(type)).AppendLine(Bases(type));
            foreach (var member in Members(type).Order(StringComparer.Ordinal)) text.Append("    ").AppendLine(member);
        }

        return text.ToString().ReplaceLineEndings("\n");
    }

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        if (type.IsEnum) return Enum.GetNames(type).Select(n => $"{n} = {Convert.ToInt64(Enum.Parse(type, n), System.Globalization.CultureInfo.InvariantCulture)}");
        return type.GetConstructors(Declared).Where(IsVisible).Select(c => $"new({Parameters(c)})")
            .Concat(type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily).Select(f => $"{(f.IsLiteral ? "const " : "")}{Type(f.FieldType, Nullability.Create(f))} {f.Name}{(f.IsLiteral ? $" = {f.GetRawConstantValue()}" : "")}"))
            .Concat(type.GetProperties(Declared).Where(p => p.GetAccessors(true).Any(IsVisible)).Select(Property))
            .Concat(type.GetMethods(Declared).Where(m => IsVisible(m) && !m.IsSpecialName && !IsCompilers(m)).Select(Method));
    }

    private static string Property(PropertyInfo p) => $"{Static(p.GetAccessors(true)[0])}{Type(p.PropertyType, Nullability.Create(p))} {p.Name} {{ {(p.GetMethod is { } g && IsVisible(g) ? "get; " : "")}{Setter(p)}}}";

    private static string Setter(PropertyInfo p) => p.SetMethod is not { } s || !IsVisible(s) ? ""
        : s.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.Name == "IsExternalInit") ? "init; " : "set; ";

    private static string Method(MethodInfo m) =>
        $"{Static(m)}{Type(m.ReturnType, Nullability.Create(m.ReturnParameter))} {m.Name}{(m.IsGenericMethod ? $"<{string.Join(", ", m.GetGenericArguments().Select(a => a.Name))}>" : "")}({Parameters(m)})"
        + string.Concat(m.IsGenericMethod ? m.GetGenericArguments().Select(Constraints) : []);

    private static string Constraints(Type argument)
    {
        var all = new List<string>();
        if (argument.GenericParameterAttributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)) all.Add("class");
        all.AddRange(argument.GetGenericParameterConstraints().Select(c => Type(c)));
        if (argument.GenericParameterAttributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint)) all.Add("new()");
        return all.Count == 0 ? "" : $" where {argument.Name} : {string.Join(", ", all)}";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p =>
        $"{Type(p.ParameterType, Nullability.Create(p))} {p.Name}{(p.HasDefaultValue ? $" = {p.DefaultValue ?? "default"}" : "")}"));

    private static string Kind(Type t) => t.IsInterface ? "interface" : t.IsEnum ? "enum" : t.IsValueType ? "struct" : t.IsAbstract && t.IsSealed ? "static class" : t.IsAbstract ? "abstract class" : t.IsSealed ? "sealed class" : "class";

    private static string Bases(Type t)
    {
        var bases = new List<string>();
        if (t.BaseType is { } b && b != typeof(object) && b != typeof(ValueType) && b != typeof(Enum)) bases.Add(Type(b));
        if (!t.IsEnum) bases.AddRange(t.GetInterfaces().Select(i => Type(i)).Order(StringComparer.Ordinal));
        return bases.Count == 0 ? "" : " : " + string.Join(", ", bases);
    }

    private static string Name(Type t) => t.Namespace + "." + Type(t);

    private static string Type(Type t, NullabilityInfo? nullability = null)
    {
        if (Nullable.GetUnderlyingType(t) is { } value) return Type(value) + "?";
        var suffix = nullability is { ReadState: NullabilityState.Nullable } && !t.IsValueType ? "?" : "";
        if (t.IsArray) return Type(t.GetElementType()!, nullability?.ElementType) + "[]" + suffix;
        if (!t.IsGenericType) return t.Name + suffix;
        var arguments = t.GetGenericArguments().Select((a, i) => Type(a, nullability?.GenericTypeArguments.ElementAtOrDefault(i)));
        return $"{t.Name[..t.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", arguments)}>{suffix}";
    }

    private static string Static(MethodBase m) => m.IsStatic ? "static " : "";

    private static bool IsVisible(MethodBase m) => m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly;

    // What a record brings along says nothing that its constructor does not.
    private static bool IsCompilers(MethodInfo m) => m.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute)) || m.Name is "ToString" or "GetHashCode" or "Equals" or "<Clone>$" or "Deconstruct" or "PrintMembers";
}
