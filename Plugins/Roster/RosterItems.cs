using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Roster;

/// <summary>Roster items as the protocol shows them (RFC 6121 section 2.1.2).</summary>
internal static class RosterItems
{
    private const int VersionBytes = 16;

    /// <summary>A contact that the user put into the roster: its name is then not null, be it empty. That tells it from a request that merely waits.</summary>
    public static RosterItem New(Jid contact) => new(contact, "", [], false, false, false, null);

    /// <summary>A stranger's request.</summary>
    public static RosterItem Stranger(Jid contact) => New(contact) with { Name = null };

    /// <summary>Whether the user sees the item.</summary>
    public static bool IsListed([NotNullWhen(true)] RosterItem? item) => item is not null && (item.Name is not null || item.Groups.Count > 0 || item.SubscribedTo || item.SubscribedFrom || item.PendingOut || item.PreApproved);

    /// <summary>Whether an item carries nothing at all.</summary>
    public static bool IsEmpty(RosterItem item) => !IsListed(item) && item.PendingIn is null;

    /// <summary>How much there is to say of an item: its address, name and groups, in bytes of UTF-8.</summary>
    public static int LengthOf(RosterItem item) => Encoding.UTF8.GetByteCount(item.Contact.ToString()) + Encoding.UTF8.GetByteCount(item.Name ?? "") + item.Groups.Sum(g => Encoding.UTF8.GetByteCount(g));

    /// <summary>The <c>item</c> element.</summary>
    public static Element Write(RosterItem item)
    {
        var element = new Element("item", Ns.Roster)
            .Attr("jid", item.Contact.ToString())
            .Attr("name", string.IsNullOrEmpty(item.Name) ? null : item.Name)
            .Attr("subscription", (item.SubscribedTo, item.SubscribedFrom) switch
            {
                (true, true) => "both",
                (true, false) => "to",
                (false, true) => "from",
                _ => "none",
            })
            .Attr("ask", item.PendingOut ? "subscribe" : null)
            .Attr("approved", item.PreApproved ? "true" : null);
        foreach (var group in item.Groups) element.Add("group", g => g.Text(group));
        return element;
    }

    /// <summary>The <c>item</c> elements of what the user sees.</summary>
    public static IReadOnlyList<Element> Listed(IEnumerable<RosterItem> items) => [.. items.Where(IsListed).OrderBy(i => i.Contact.ToString(), StringComparer.Ordinal).Select(Write)];

    /// <summary>The version of a roster with these items (RFC 6121 section 2.6): what stands in it, and so the same again once a change is taken back.</summary>
    public static string VersionOf(IEnumerable<Element> listed)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var item in listed) hash.AppendData(item.ToUtf8().Span);
        return Base64Url.EncodeToString(hash.GetHashAndReset().AsSpan(0, VersionBytes));
    }

    /// <summary>The <c>item</c> element that says that a contact was removed.</summary>
    public static Element WriteRemoved(Jid contact) => new Element("item", Ns.Roster).Attr("jid", contact.ToString()).Attr("subscription", "remove");
}
