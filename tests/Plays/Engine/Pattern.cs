using System.Text;
using System.Text.RegularExpressions;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plays.Engine;

/// <summary>
/// What a play says must be heard: an element that has at least these attributes, this text and these children, in any order. In an attribute or text <c>*</c> is anything,
/// so that one that is <c>*</c> alone must be there; an attribute that is <c>!</c> must not. <c>{$name}</c> takes what stands there and means the same from then on; <c>base64:…</c> looks at what was encoded.
/// Children inside <c>&lt;not xmlns='urn:parley:play'/&gt;</c> must not be there.
/// </summary>
internal sealed partial class Pattern(Element expected, Dictionary<string, string> taken)
{
    /// <summary>The namespace of what belongs to plays alone.</summary>
    public const string Namespace = "urn:parley:play";

    private const string Encoded = "base64:";

    /// <summary>Why an element is not what is expected; null if it is. What was taken is kept only where it is.</summary>
    public string? Differs(Element actual)
    {
        var before = new Dictionary<string, string>(taken);
        var difference = Differs(expected, actual, actual.Name);
        if (difference is null) return null;
        taken.Clear();
        foreach (var (name, value) in before) taken[name] = value;
        return difference;
    }

    private string? Differs(Element wanted, Element actual, string path)
    {
        if (!actual.Is(wanted.Name, wanted.Namespace)) return $"{path}: <{actual.Name} xmlns='{actual.Namespace}'/> in place of <{wanted.Name} xmlns='{wanted.Namespace}'/>";
        foreach (var attribute in wanted.Attributes)
        {
            var value = actual.Attribute(attribute.Name, attribute.Namespace);
            if (attribute.Value == "!" ? value is not null : !IsMeant(attribute.Value, value)) return $"{path}/@{attribute.Name}: {value ?? "nothing"} in place of {attribute.Value}";
        }

        var text = wanted.Value.Trim();
        if (text.Length > 0 && !IsMeant(text, actual.Value)) return $"{path}: \"{actual.Value}\" in place of \"{text}\"";
        var left = actual.Children.ToList();
        foreach (var child in wanted.Children.Where(c => c.Namespace != Namespace))
        {
            if (Take(child, left, path) is { } missing) return missing;
        }

        foreach (var child in wanted.ChildrenNamed("not", Namespace).SelectMany(n => n.Children))
        {
            if (actual.Children.Any(c => new Pattern(child, new(taken)).Differs(c) is null)) return $"{path}: holds <{child.Name}/>, which it must not";
        }

        return null;
    }

    private string? Take(Element child, List<Element> left, string path)
    {
        var reasons = new List<string>();
        foreach (var candidate in left.Where(c => c.Is(child.Name, child.Namespace)))
        {
            if (new Pattern(child, taken).Differs(candidate) is { } reason)
            {
                reasons.Add(reason);
                continue;
            }

            left.Remove(candidate);
            return null;
        }

        return reasons.Count > 0 ? $"{path}/{string.Join("; ", reasons)}" : $"{path}: no <{child.Name} xmlns='{child.Namespace}'/>";
    }

    private bool IsMeant(string wanted, string? actual)
    {
        if (actual is null) return false;
        if (wanted.StartsWith(Encoded, StringComparison.Ordinal)) return IsMeant(wanted[Encoded.Length..], Decode(actual));
        if (wanted is ['{', '$', .., '}'] && wanted.IndexOf('}', StringComparison.Ordinal) == wanted.Length - 1) return IsTaken(wanted[2..^1], actual);
        if (!wanted.Contains('*', StringComparison.Ordinal) && !wanted.Contains("{$", StringComparison.Ordinal)) return wanted == actual;
        // Within a text a name takes one word.
        var names = Name().Matches(wanted).Select(m => m.Groups[1].Value).Distinct().ToList();
        var glob = Regex.Replace(Regex.Escape(wanted).Replace("\\*", ".*", StringComparison.Ordinal), @"\\\{\\\$(\w+)\}", @"(?<$1>[\w-]+)");
        return Regex.Match(actual, $"^{glob}$", RegexOptions.Singleline) is { Success: true } match && names.TrueForAll(n => IsTaken(n, match.Groups[n].Value));
    }

    private bool IsTaken(string name, string actual) => taken.TryAdd(name, actual) || taken[name] == actual;

    private static string? Decode(string base64)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\{\$(\w+)\}")]
    private static partial Regex Name();
}
