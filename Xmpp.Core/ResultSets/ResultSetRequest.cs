using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.ResultSets;

/// <summary>Which page of a result is asked for (XEP-0059).</summary>
/// <param name="Max">The most items wanted; null for what the other side thinks right, 0 for the count alone (section 2.7).</param>
/// <param name="After">Only what comes after the item of this id (section 2.2); null for no such bound.</param>
/// <param name="Before">Only what comes before the item of this id; empty: the last page (section 2.5); null for no such bound.</param>
/// <param name="Index">The number of the first item wanted, from 0 (section 2.6); null if not asked by number.</param>
public sealed record ResultSetRequest(int? Max = null, string? After = null, string? Before = null, int? Index = null)
{
    /// <summary>The namespace.</summary>
    public const string Namespace = "http://jabber.org/protocol/rsm";

    /// <summary>Whether the page is counted from the end of what is asked for: its items still come in their own order.</summary>
    public bool IsBackwards => Before is not null;

    /// <summary>Reads the request within an element; one without it asks for nothing in particular.</summary>
    /// <returns>False if it is there and cannot be meant: a number that is none.</returns>
    public static bool TryRead(Element parent, [NotNullWhen(true)] out ResultSetRequest? request)
    {
        request = null;
        if (parent.Child("set", Namespace) is not { } set)
        {
            request = new ResultSetRequest();
            return true;
        }

        if (!TryNumber(set.Child("max"), out var max) || !TryNumber(set.Child("index"), out var index)) return false;
        request = new ResultSetRequest(max, Filled(set.Child("after")), set.Child("before")?.Value, index);
        return true;
    }

    private static string? Filled(Element? element) => element is { Value: { Length: > 0 } value } ? value : null;

    private static bool TryNumber(Element? element, out int? number)
    {
        number = null;
        if (element is null) return true;
        if (!int.TryParse(element.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var value)) return false;
        number = value;
        return true;
    }
}
