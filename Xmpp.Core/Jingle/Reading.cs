using System.Globalization;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Jingle;

/// <summary>What the readers of this folder share: bounded text, bounded lists, strict numbers.</summary>
internal static class Reading
{
    public static string Required(Element e, string attribute)
    {
        var value = e[attribute];
        if (string.IsNullOrEmpty(value)) throw new JingleFaultException($"{e.Name} lacks '{attribute}'");
        return Bounded(e, attribute, value);
    }

    public static string? Optional(Element e, string attribute) => e[attribute] is { } value ? Bounded(e, attribute, value) : null;

    public static T Word<T>(Element e, string attribute, T absent) where T : struct, Enum
    {
        if (e[attribute] is not { } text) return absent;
        return JingleNames.TryRead<T>(text, out var value) ? value : throw new JingleFaultException($"{e.Name} has an unknown '{attribute}'");
    }

    public static int Number(Element e, string attribute, int least, int most, int? absent = null)
    {
        if (e[attribute] is not { } text)
        {
            return absent ?? throw new JingleFaultException($"{e.Name} lacks '{attribute}'");
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= least && n <= most
            ? n : throw new JingleFaultException($"{e.Name} has '{attribute}' out of range");
    }

    public static IReadOnlyList<T> List<T>(IEnumerable<Element> elements, int most, Func<Element, T> read)
    {
        List<T>? list = null;
        foreach (var e in elements)
        {
            list ??= [];
            if (list.Count == most) throw new JingleFaultException($"more than {most} {e.Name} elements");
            list.Add(read(e));
        }

        return list ?? (IReadOnlyList<T>)[];
    }

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Bounded(Element e, string attribute, string value) =>
        value.Length <= JingleLimits.Text ? value : throw new JingleFaultException($"{e.Name} has an overlong '{attribute}'");
}
