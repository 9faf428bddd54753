using System.Globalization;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>What a room says of itself (XEP-0045 sections 6.4, 6.5 and 7.12).</summary>
internal sealed class RoomDiscovery(RoomState room)
{
    /// <summary>Answers disco#info.</summary>
    public void Info(Iq iq)
    {
        switch (iq.Payload!["node"])
        {
            case null or "":
                room.Out.Answer(iq, Describe().ToElement());
                break;
            case MucNames.ReservedNickNode:
                room.Out.Answer(iq, ReservedNick(iq));
                break;
            case MucNames.Commands:
                room.Out.Answer(iq, new DiscoInfo([new DiscoIdentity("automation", "command-list")], [MucNames.Commands, DataForm.Namespace]).ToElement(iq.Payload["node"]));
                break;
            case { } node when HatCommands.TitleOf(node) is { } title:
                room.Out.Answer(iq, new DiscoInfo([new DiscoIdentity("automation", "command-node", title)], [MucNames.Commands, DataForm.Namespace]).ToElement(node));
                break;
            default:
                room.Out.Refuse(iq, StanzaCondition.ItemNotFound);
                break;
        }
    }

    /// <summary>Answers disco#items: who is there, where the room is open or the asker in it.</summary>
    public void Items(Iq iq)
    {
        var query = new Element("query", Ns.DiscoItems).Attr("node", iq.Payload!["node"]);
        switch (iq.Payload["node"])
        {
            case MucNames.Commands:
                foreach (var (node, title) in HatCommands.All) query.Add("item", i => i.Attr("jid", room.Address.ToString()).Attr("node", node).Attr("name", title));
                break;
            case null or "":
                var isOpen = room.Config is { IsPublic: true, IsMembersOnly: false, Password: null };
                if (!isOpen && room.Occupants.Of(iq.From) is null) break;
                foreach (var occupant in room.Occupants.All) query.Add("item", i => i.Attr("jid", occupant.Address.ToString()));
                break;
            default:
                room.Out.Refuse(iq, StanzaCondition.ItemNotFound);
                return;
        }

        room.Out.Answer(iq, query);
    }

    private DiscoInfo Describe()
    {
        var c = room.Config;
        List<string> features =
        [
            MucNames.Muc, MucNames.StableId, MucNames.SelfPing, MucNames.Request, MucNames.Register, MucNames.OccupantId, MucNames.Moderate, MucNames.Retract, MucNames.Hats, MucNames.Commands,
            Ns.StanzaIds, Ns.VCard, Ns.Ping,
            c.IsPublic ? "muc_public" : "muc_hidden", c.IsMembersOnly ? "muc_membersonly" : "muc_open", c.IsPersistent ? "muc_persistent" : "muc_temporary",
            c.IsModerated ? "muc_moderated" : "muc_unmoderated", c.IsNonAnonymous ? "muc_nonanonymous" : "muc_semianonymous", c.Password is not null ? "muc_passwordprotected" : "muc_unsecured",
        ];
        if (room.IsArchived) features.AddRange([Ns.Archive, ArchiveFeatures.Extended, MucNames.Retract + "#tombstone"]);
        var form = new DataForm("result", MucNames.RoomInfo)
            .Add("muc#roominfo_description", "text-single", c.Description, "Description").Add("muc#roominfo_subject", "text-single", room.Subject.Text, "Subject")
            .Add("muc#roominfo_subjectmod", c.MayChangeSubject, "Participants may change the subject").Add("muc#roominfo_occupants", "text-single", room.Occupants.Count.ToString(CultureInfo.InvariantCulture), "Occupants")
            .Add(ConfigForm.Field("changesubject"), c.MayChangeSubject)
            .Add(ConfigForm.Field("roomname"), "text-single", c.Name).Add(ConfigForm.Field("membersonly"), c.IsMembersOnly).Add(ConfigForm.Field("moderatedroom"), c.IsModerated)
            .Add(ConfigForm.Field("persistentroom"), c.IsPersistent).Add(ConfigForm.Field("publicroom"), c.IsPublic).Add(ConfigForm.Field("allowinvites"), c.MayInvite)
            .Add(ConfigForm.Field("allowpm"), "list-single", ConfigForm.Word(c.PrivateMessages)).Add(ConfigForm.Field("whois"), "list-single", c.IsNonAnonymous ? "anyone" : "moderators")
            .Add(ConfigForm.Field("maxusers"), "text-single", room.MaxOccupants.ToString(CultureInfo.InvariantCulture));
        if (c.Language.Length > 0) form.Add("muc#roominfo_lang", "text-single", c.Language, "Language");
        // Owners' addresses are told where everybody sees everybody's.
        if (c.IsNonAnonymous) form.Add(new FormField("muc#roominfo_contactjid", "jid-multi", [.. room.Affiliations.With(Affiliation.Owner).Select(o => o.Key.ToString())]));
        if (Avatar.HashesOf(room.VCard) is { Count: > 0 } hashes) form.Add(new FormField("muc#roominfo_avatarhash", "text-multi", hashes) { Label = "Avatar hash" });
        if (room.Hats.Hash is { } hats) form.Add("hats#hash", "text-single", hats, "Hats hash");
        return new DiscoInfo([new DiscoIdentity("conference", "text", c.Name.Length > 0 ? c.Name : room.Address.Local)], features) { Forms = [form] };
    }

    private Element ReservedNick(Iq iq)
    {
        var query = new Element("query", Ns.DiscoInfo).Attr("node", MucNames.ReservedNickNode);
        if (room.Affiliations.Find(iq.From!.Bare)?.Nick is { } nick) query.Add("identity", i => i.Attr("category", "conference").Attr("type", "text").Attr("name", nick));
        return query;
    }
}
