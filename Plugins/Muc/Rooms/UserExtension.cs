using System.Globalization;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>Writes what a room tells of an occupant, the <c>x</c> of <c>muc#user</c>.</summary>
internal static class UserExtension
{
    /// <summary>The extension with status codes alone.</summary>
    public static Element Of(params ReadOnlySpan<int> codes)
    {
        var x = new Element("x", MucNames.User);
        foreach (var code in codes) x.Add(Status(code));
        return x;
    }

    /// <summary>One status code.</summary>
    public static Element Status(int code) => new Element("status", MucNames.User).Attr("code", code.ToString(CultureInfo.InvariantCulture));

    /// <summary>An item.</summary>
    public static Element Item(Affiliation affiliation, Role role, Jid? real = null, string? nick = null, Change? change = null)
    {
        var item = new Element("item", MucNames.User).Attr("affiliation", affiliation.Word()).Attr("role", role.Word()).Attr("jid", real?.ToString()).Attr("nick", nick);
        if (change?.Actor is { } actor) item.Add("actor", a => a.Attr("nick", actor));
        if (change?.Reason is { Length: > 0 } reason) item.Add("reason", r => r.Text(reason));
        return item;
    }
}

/// <summary>Who changed something about an occupant, and why.</summary>
/// <param name="Actor">The nickname of whoever did; null where it is not told.</param>
/// <param name="Reason">Why; null if not said.</param>
internal sealed record Change(string? Actor = null, string? Reason = null);
