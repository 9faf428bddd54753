using System.Collections;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Parley.Server.Host.Configuration;

/// <summary>
/// Sets an options object's properties from a section, by name, and notes whatever does not fit. The framework's own binder stops at the first fault
/// and cannot say which key was meant.
/// </summary>
internal static class OptionsBinder
{
    /// <summary>Binds a section.</summary>
    /// <param name="section">The values.</param>
    /// <param name="options">Where they go; what the section does not name keeps its default.</param>
    /// <param name="faults">Where faults go.</param>
    /// <param name="elsewhere">Names in this section that somebody else reads.</param>
    public static void Bind(IConfiguration section, object options, Faults faults, IReadOnlySet<string>? elsewhere = null)
    {
        var properties = Properties(options.GetType());
        foreach (var child in section.GetChildren())
        {
            if (properties.FirstOrDefault(p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)) is { } property) BindProperty(child, property, options, faults);
            else if (elsewhere?.Contains(child.Key) != true) faults.Unknown(child, properties.Select(p => p.Name).Concat(elsewhere ?? (IEnumerable<string>)[]));
        }
    }

    /// <summary>Binds a section that is a list of objects.</summary>
    public static IReadOnlyList<T> BindList<T>(IConfigurationSection section, Faults faults) where T : new() => [.. ReadList(section, typeof(T), faults).Cast<T>()];

    /// <summary>The names that a type knows.</summary>
    public static IEnumerable<string> NamesOf(Type type) => Properties(type).Select(p => p.Name);

    private static PropertyInfo[] Properties(Type type) =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0 && (p.SetMethod is not null || !ScalarText.IsScalar(p.PropertyType)))];

    private static void BindProperty(IConfigurationSection section, PropertyInfo property, object options, Faults faults)
    {
        var type = property.PropertyType;
        if (ScalarText.IsScalar(type))
        {
            if (section.GetChildren().Any()) faults.Unknown(section, []);
            else if (ReadScalar(section, property, faults, out var value)) property.SetValue(options, value);
        }
        else if (NamedOf(type) is { } named)
        {
            BindNamed(section, (IDictionary)property.GetValue(options)!, named, faults);
        }
        else if (ElementOf(type) is { } element)
        {
            SetList(property, options, element, ReadList(section, element, faults));
        }
        else if (section.Value is { Length: > 0 } value)
        {
            faults.Wrong(section.Path, value, $"a section with {string.Join(", ", NamesOf(type))}");
        }
        else
        {
            var nested = property.GetValue(options);
            if (nested is null) property.SetValue(options, nested = Activator.CreateInstance(type)!);
            Bind(section, nested, faults);
        }
    }

    // A JSON null and an empty text mean "not set" where the property has room for that.
    private static bool ReadScalar(IConfigurationSection section, PropertyInfo property, Faults faults, out object? value)
    {
        value = null;
        var isNullable = new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;
        if (isNullable && string.IsNullOrEmpty(section.Value)) return true;
        var right = "a value";
        if (section.Value is not null) value = ScalarText.TryRead(property.PropertyType, section.Value, out right);
        if (value is null) faults.Wrong(section.Path, section.Value ?? "null", right);
        return value is not null;
    }

    // Sections by names of the operator's choice, which what is there already is added to.
    private static void BindNamed(IConfigurationSection section, IDictionary into, Type type, Faults faults)
    {
        if (section.Value is { Length: > 0 } text) faults.Wrong(section.Path, text, "sections by name");
        foreach (var child in section.GetChildren())
        {
            if (child.Value is { Length: > 0 } value)
            {
                faults.Wrong(child.Path, value, $"a section with {string.Join(", ", NamesOf(type))}");
                continue;
            }

            var item = into[child.Key] ?? Activator.CreateInstance(type)!;
            Bind(child, item, faults);
            into[child.Key] = item;
        }
    }

    // Items one a key (an array in JSON), or all in one text with commas (a command line).
    private static List<object> ReadList(IConfigurationSection section, Type element, Faults faults)
    {
        var items = new List<object>();
        if (section.Value is { Length: > 0 } text)
        {
            if (!ScalarText.IsScalar(element))
            {
                faults.Wrong(section.Path, text, "a list");
                return items;
            }

            foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)) AddScalar(section.Path, part);
            return items;
        }

        foreach (var child in section.GetChildren())
        {
            if (!int.TryParse(child.Key, out _))
            {
                faults.Unknown(child, []);
            }
            else if (ScalarText.IsScalar(element))
            {
                if (child.GetChildren().Any()) faults.Unknown(child, []);
                else AddScalar(child.Path, child.Value ?? "");
            }
            else
            {
                var item = Activator.CreateInstance(element)!;
                Bind(child, item, faults);
                items.Add(item);
            }
        }

        return items;

        void AddScalar(string path, string value)
        {
            if (ScalarText.TryRead(element, value, out var right) is { } item) items.Add(item);
            else faults.Wrong(path, value, right);
        }
    }

    private static void SetList(PropertyInfo property, object options, Type element, List<object> items)
    {
        if (property.PropertyType.IsArray)
        {
            var array = Array.CreateInstance(element, items.Count);
            for (var i = 0; i < items.Count; i++) array.SetValue(items[i], i);
            property.SetValue(options, array);
            return;
        }

        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!;
        foreach (var item in items) list.Add(item);
        property.SetValue(options, list);
    }

    private static Type? NamedOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>) && type.GetGenericArguments() is [var key, var named] && key == typeof(string) ? named : null;

    private static Type? ElementOf(Type type)
    {
        if (type.IsArray) return type.GetElementType();
        if (!type.IsGenericType) return null;
        var definition = type.GetGenericTypeDefinition();
        return definition == typeof(IList<>) || definition == typeof(List<>) || definition == typeof(IReadOnlyList<>) || definition == typeof(ICollection<>)
            || definition == typeof(IReadOnlyCollection<>) || definition == typeof(IEnumerable<>) ? type.GetGenericArguments()[0] : null;
    }
}
