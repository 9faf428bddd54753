using System.Globalization;
using Parley.Xmpp.Core.Forms;

namespace Parley.Plugins.PubSub.Nodes;

/// <summary>A field of the configuration form.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type (XEP-0004 section 3.3).</param>
/// <param name="Label">What people read.</param>
/// <param name="Options">The choices of a list.</param>
/// <param name="Read">Its values in a configuration.</param>
/// <param name="Write">A configuration with other values, where a service keeps at most so many items of a node; null if they cannot be.</param>
internal sealed record ConfigField(
    string Name, string Type, string Label, IReadOnlyList<string> Options, Func<NodeConfig, IReadOnlyList<string>> Read, Func<NodeConfig, IReadOnlyList<string>, int, NodeConfig?> Write)
{
    private const string Max = "max";
    private const int MaxText = 1024;
    private const int MaxGroups = 64;

    /// <summary>The field with a configuration's values.</summary>
    public FormField ToField(NodeConfig config) => new(Name, Type, Read(config)) { Label = Label, Options = [.. Options.Select(o => ((string?)null, o))] };

    public static ConfigField Flag(string name, string label, Func<NodeConfig, bool> read, Func<NodeConfig, bool, NodeConfig> write) =>
        new(name, "boolean", label, [], c => [read(c) ? "1" : "0"], (c, values, _) => values switch
        {
            ["1" or "true"] => write(c, true),
            ["0" or "false"] => write(c, false),
            _ => null,
        });

    /// <summary>One of some terms; without <paramref name="terms"/> any of its kind.</summary>
    public static ConfigField Choice<T>(string name, string label, Func<NodeConfig, T> read, Func<NodeConfig, T, NodeConfig> write, params T[] terms) where T : struct, Enum
    {
        var all = terms.Length > 0 ? terms : Enum.GetValues<T>();
        return new(name, "list-single", label, [.. all.Select(Terms.Spell)], c => [Terms.Spell(read(c))], (c, values, _) => values is [var one] && Terms.TryRead<T>(one, out var term) && all.Contains(term) ? write(c, term) : null);
    }

    public static ConfigField Text(string name, string label, Func<NodeConfig, string?> read, Func<NodeConfig, string?, NodeConfig> write) =>
        new(name, "text-single", label, [], c => read(c) is { } text ? [text] : [], (c, values, _) => values switch
        {
            [] or [""] => write(c, null),
            [{ Length: <= MaxText } text] => write(c, text),
            _ => null,
        });

    /// <summary>A number from 1 on, or <c>max</c> for the most that may be.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="label">What people read.</param>
    /// <param name="isBounded">Whether the most is what the service keeps of a node's items.</param>
    /// <param name="read">Reads it; null is <c>max</c>.</param>
    /// <param name="write">Writes it.</param>
    public static ConfigField Number(string name, string label, bool isBounded, Func<NodeConfig, int?> read, Func<NodeConfig, int?, NodeConfig> write) =>
        new(name, "text-single", label, [], c => [read(c)?.ToString(CultureInfo.InvariantCulture) ?? Max], (c, values, most) =>
        {
            if (values is [Max] or []) return write(c, null);
            if (values is not [var one] || !int.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
            if (!isBounded) return write(c, number == 0 ? null : number);
            // The most and "max" are the same, so that either satisfies the other as a precondition.
            return number < 1 || number > most ? null : write(c, number == most ? null : number);
        });

    public static ConfigField Groups(string name, string label, Func<NodeConfig, IReadOnlyList<string>> read, Func<NodeConfig, IReadOnlyList<string>, NodeConfig> write) =>
        new(name, "text-multi", label, [], c => read(c), (c, values, _) =>
            values.Count > MaxGroups || values.Any(v => v.Length > MaxText) ? null : write(c, [.. values.Where(v => v.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]));
}
