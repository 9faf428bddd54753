using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>The room's vCard, in it its picture (XEP-0054, XEP-0486).</summary>
internal sealed class Avatar(RoomState room, Ownership ownership)
{
    /// <summary>The hashes of the room's pictures (XEP-0153); empty without any.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "The standard names it; it tells pictures apart and protects nothing.")]
    public static IReadOnlyList<string> HashesOf(Element? vCard)
    {
        List<string> hashes = [];
        foreach (var photo in vCard?.ChildrenNamed("PHOTO", Ns.VCard) ?? [])
        {
            if (TryDecode(photo, out var picture)) hashes.Add(Convert.ToHexStringLower(SHA1.HashData(picture)));
        }

        return hashes;
    }

    /// <summary>Answers a request.</summary>
    public void Take(Iq iq)
    {
        if (iq.Type == "get")
        {
            room.Out.Answer(iq, room.VCard ?? new Element("vCard", Ns.VCard));
            return;
        }

        var vCard = iq.Payload!;
        if (room.AffiliationOf(iq.From!) != Affiliation.Owner) room.Out.Refuse(iq, StanzaCondition.Forbidden, "Only owners may change the room's picture.");
        else if (vCard.ToUtf8().Length > room.Rules.MaxVCardBytes) room.Out.Refuse(iq, StanzaCondition.PolicyViolation, "The vCard is too large.");
        else if (vCard.ChildrenNamed("PHOTO", Ns.VCard).Any(p => p.Child("BINVAL") is not null && !TryDecode(p, out _))) room.Out.Refuse(iq, StanzaCondition.NotAcceptable, "The picture is not Base64.");
        else Change(iq, vCard);
    }

    /// <summary>What a room tells of its picture by presence: clients before XEP-0486 look for it there.</summary>
    public static Presence? Announcement(RoomState room)
    {
        if (HashesOf(room.VCard) is not [var hash, ..]) return null;
        return new Presence(new Element("presence", Ns.Client).Attr("from", room.Address.ToString()).Add(new Element("x", "vcard-temp:x:update").Add("photo", p => p.Text(hash))));
    }

    private void Change(Iq iq, Element vCard)
    {
        room.VCard = vCard.Children.Any() ? vCard.Freeze() : null;
        room.Out.Changes.Room = true;
        ownership.Tell(104);
        if (Announcement(room) is { } presence)
        {
            foreach (var full in room.Occupants.Addresses) room.Out.Send(presence.CopyFor(full));
        }

        room.Out.Answer(iq);
    }

    private static bool TryDecode(Element photo, out byte[] picture)
    {
        picture = [];
        var text = photo.Child("BINVAL")?.Value;
        if (string.IsNullOrWhiteSpace(text)) return false;
        try
        {
            picture = Convert.FromBase64String(text);
            return picture.Length > 0;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
