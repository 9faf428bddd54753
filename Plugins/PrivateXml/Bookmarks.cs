using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PrivateXml;

/// <summary>A bookmarked room, as both kinds of bookmarks have it.</summary>
/// <param name="Room">The room.</param>
/// <param name="Name">What the user calls it.</param>
/// <param name="IsAutojoin">Whether clients enter it.</param>
/// <param name="Nick">The nickname there.</param>
/// <param name="Password">Its password.</param>
internal sealed record Bookmark(Jid Room, string? Name, bool IsAutojoin, string? Nick, string? Password);

/// <summary>The two kinds of bookmarks, and how one becomes the other (XEP-0402 section 4.2): all in one element of XEP-0048, or each an item of XEP-0402.</summary>
internal static class Bookmarks
{
    /// <summary>The namespace and node of XEP-0048.</summary>
    public const string Legacy = "storage:bookmarks";

    /// <summary>The namespace and node of XEP-0402.</summary>
    public const string Native = "urn:xmpp:bookmarks:1";

    /// <summary>Whether it is the element of XEP-0048.</summary>
    public static bool IsStorage(Element element) => element.Is("storage", Legacy);

    /// <summary>The bookmark in an item; null if it is none.</summary>
    public static Bookmark? Read(PersonalItem item) => item.Payload is { } payload && payload.Is("conference", Native) ? Read(payload, item.Id) : null;

    /// <summary>The bookmarks in a storage element, of each room the last.</summary>
    public static IReadOnlyList<Bookmark> Read(Element storage)
    {
        var found = new Dictionary<Jid, Bookmark>();
        foreach (var conference in storage.ChildrenNamed("conference", Legacy))
        {
            if (Read(conference, conference["jid"]) is { } bookmark) found[bookmark.Room] = bookmark;
        }

        return [.. found.Values];
    }

    /// <summary>Whether two lists say the same.</summary>
    public static bool AreSame(IEnumerable<Bookmark> one, IEnumerable<Bookmark> other) => one.ToHashSet().SetEquals(other);

    /// <summary>The storage element of a list.</summary>
    /// <param name="bookmarks">The rooms.</param>
    /// <param name="before">What there is: its bookmarks of other kinds (URLs) stay.</param>
    public static Element Write(IEnumerable<Bookmark> bookmarks, Element? before)
    {
        var storage = new Element("storage", Legacy);
        foreach (var b in bookmarks)
        {
            storage.Add("conference", c => Fill(c.Attr("jid", b.Room.ToString()), b));
        }

        return storage.Add(before?.Children.Where(c => !c.Is("conference", Legacy)) ?? []);
    }

    /// <summary>The item of a bookmark; what clients put beside it (<c>extensions</c>) stays.</summary>
    public static PersonalItem Write(Bookmark bookmark, Element? before) =>
        new(bookmark.Room.ToString(), Fill(new Element("conference", Native), bookmark).Add(before?.Children.Where(c => !(c.Namespace == Native && c.Name is "nick" or "password")) ?? []));

    private static Bookmark? Read(Element conference, string? room)
    {
        if (!Jid.TryParse(room, out var jid) || !jid.IsBare) return null;
        return new Bookmark(jid, Filled(conference["name"]), conference["autojoin"] is "true" or "1", Filled(conference.Child("nick")?.Value), Filled(conference.Child("password")?.Value));
    }

    private static Element Fill(Element conference, Bookmark bookmark)
    {
        conference.Attr("name", bookmark.Name).Attr("autojoin", bookmark.IsAutojoin ? "true" : null);
        if (bookmark.Nick is not null) conference.Add("nick", n => n.Text(bookmark.Nick));
        if (bookmark.Password is not null) conference.Add("password", p => p.Text(bookmark.Password));
        return conference;
    }

    private static string? Filled(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
