using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Coin;

/// <summary>The full state of a conference for one receiver (RFC 4575 section 5, carried by XEP-0298).</summary>
/// <param name="Entity">The conference, such as <c>xmpp:room@calls.example.org</c>.</param>
/// <param name="Version">Only rises.</param>
/// <param name="Users">Who is there.</param>
public sealed record ConferenceInfo(string Entity, long Version, IReadOnlyList<ConferenceUser> Users)
{
    /// <summary>The marker that a session is with a focus (XEP-0298 section 4.1), with the people that the session is about where those are told.</summary>
    public static Element FocusMarker(IEnumerable<string>? entities = null)
    {
        var e = new Element("conference-info", Ns.Coin).Attr("isfocus", "true");
        return entities is null ? e : e.Add("users", users => users.Add(entities.Select(entity => new Element("user", Ns.Coin).Attr("entity", entity))));
    }

    /// <summary>An element of an extension (section 4.6); null for none.</summary>
    public Element? Extension { get; init; }

    /// <summary>An element that says that the conference is recorded; null while it is not.</summary>
    public Element? Recording { get; init; }

    /// <summary>The <c>conference-info</c> element, state full.</summary>
    public Element ToElement() => new Element("conference-info", Ns.ConferenceInfo)
        .Attr("entity", Entity).Attr("state", "full").Attr("version", Version.ToString(CultureInfo.InvariantCulture))
        .Add("users", users => users.Add(Users.Select(u => u.ToElement()))).Add(Extension).Add(Recording);

    /// <summary>Reads a full state; false if it is none.</summary>
    public static bool TryRead(Element e, [NotNullWhen(true)] out ConferenceInfo? info)
    {
        info = null;
        if (!e.Is("conference-info", Ns.ConferenceInfo) || e["entity"] is not { } entity) return false;
        if (!long.TryParse(e["version"], NumberStyles.None, CultureInfo.InvariantCulture, out var version)) return false;
        info = new ConferenceInfo(entity, version, [.. e.Child("users")?.ChildrenNamed("user", Ns.ConferenceInfo).Select(ConferenceUser.Read) ?? []])
        {
            Extension = e.Children.FirstOrDefault(c => c.Namespace != Ns.ConferenceInfo && c.Name != "recording"),
            Recording = e.Children.FirstOrDefault(c => c.Namespace != Ns.ConferenceInfo && c.Name == "recording"),
        };
        return true;
    }
}

/// <summary>Somebody in a conference (RFC 4575 section 5.6), with one endpoint.</summary>
/// <param name="Entity">Their address as a URI.</param>
/// <param name="DisplayText">Their name.</param>
/// <param name="Endpoint">The participant's id.</param>
/// <param name="Media">What they send.</param>
public sealed record ConferenceUser(string Entity, string? DisplayText, string Endpoint, IReadOnlyList<ConferenceMedia> Media)
{
    /// <summary>Their roles in the conference, such as <c>moderator</c> (section 5.6.3).</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>An element of an extension; null for none.</summary>
    public Element? Extension { get; init; }

    internal Element ToElement() => new Element("user", Ns.ConferenceInfo).Attr("entity", Entity).Attr("state", "full")
        .Add(DisplayText is null ? null : new Element("display-text", Ns.ConferenceInfo).Text(DisplayText))
        .Add(Roles.Count == 0 ? null : new Element("roles", Ns.ConferenceInfo).Add(Roles.Select(r => new Element("entry", Ns.ConferenceInfo).Text(r))))
        .Add("endpoint", e => e.Attr("entity", Endpoint).Add(Media.Select(m => m.ToElement())))
        .Add(Extension);

    internal static ConferenceUser Read(Element e) => new(e["entity"] ?? "", e.Child("display-text")?.Value, e.Child("endpoint")?["entity"] ?? "",
        [.. e.Child("endpoint")?.ChildrenNamed("media", Ns.ConferenceInfo).Select(ConferenceMedia.Read) ?? []])
    {
        Roles = [.. e.Child("roles")?.ChildrenNamed("entry", Ns.ConferenceInfo).Select(r => r.Value) ?? []],
        Extension = e.Children.FirstOrDefault(c => c.Namespace != Ns.ConferenceInfo),
    };
}

/// <summary>A stream of somebody (RFC 4575 section 5.8).</summary>
/// <param name="Id">Where the receiver gets it; null where it does not.</param>
/// <param name="Type"><c>audio</c> or <c>video</c>.</param>
/// <param name="Label">What it shows, such as <c>slides</c>; null if nothing special.</param>
/// <param name="Source">Its SSRC at the receiver; null where it has none.</param>
/// <param name="Status"><c>sendrecv</c>, or <c>inactive</c> while nothing comes.</param>
public sealed record ConferenceMedia(string? Id, string Type, string? Label, uint? Source, string Status)
{
    internal Element ToElement()
    {
        var e = new Element("media", Ns.ConferenceInfo).Attr("id", Id).Add("type", t => t.Text(Type));
        if (Label is not null) e.Add("label", l => l.Text(Label));
        if (Source is { } ssrc) e.Add("src-id", s => s.Text(ssrc.ToString(CultureInfo.InvariantCulture)));
        return e.Add("status", s => s.Text(Status));
    }

    internal static ConferenceMedia Read(Element e) => new(e["id"], e.Child("type")?.Value ?? "", e.Child("label")?.Value,
        uint.TryParse(e.Child("src-id")?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var ssrc) ? ssrc : null, e.Child("status")?.Value ?? "sendrecv");
}
