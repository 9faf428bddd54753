using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>Tells occupants of one another (XEP-0045 section 7.2.3). A presence is made at most twice, with real addresses and without, and copied for whoever it goes to.</summary>
internal sealed class PresenceVoice(RoomState room)
{
    /// <summary>Whether others are told of an occupant with that role.</summary>
    public bool IsVisible(Role role) => room.Config.PresenceBroadcast.Has(role);

    /// <summary>Sends a client everybody but its own occupant.</summary>
    public void TellRoster(Occupant viewer, OccupantSession session)
    {
        room.StandIns.TellRoster(session.Jid);
        var sees = room.SeesAddresses(viewer);
        foreach (var other in room.Occupants.All)
        {
            if (other != viewer && IsVisible(other.Role)) room.Out.Send(Template(other, sees).CopyFor(session.Jid));
        }
    }

    /// <summary>Tells everybody else of an occupant's presence as it is now.</summary>
    /// <param name="occupant">Of whom.</param>
    /// <param name="was">The role until now, where others may have been told of it.</param>
    /// <param name="change">Who changed it.</param>
    public void TellOthers(Occupant occupant, Role was = Role.None, Change? change = null)
    {
        if (!IsVisible(occupant.Role))
        {
            if (IsVisible(was)) TellOthersGone(occupant, [], [], null);
            return;
        }

        occupant.Templates = default;
        var special = change is null ? (null, null) : (Available(occupant, true, change), Available(occupant, false, change));
        foreach (var other in room.Occupants.All)
        {
            if (other == occupant) continue;
            var sees = room.SeesAddresses(other);
            var template = (sees ? special.Item1 : special.Item2) ?? Template(occupant, sees);
            foreach (var session in other.Sessions) room.Out.Send(template.CopyFor(session.Jid));
        }
    }

    /// <summary>Tells an occupant's own clients of its presence, <c>110</c> and further codes.</summary>
    /// <param name="occupant">Who.</param>
    /// <param name="only">One client alone; null for all.</param>
    /// <param name="codes">Beside 110.</param>
    /// <param name="change">Who changed it.</param>
    /// <param name="id">The id of the presence that this answers; null for none.</param>
    public void TellSelf(Occupant occupant, OccupantSession? only = null, IReadOnlyList<int>? codes = null, Change? change = null, string? id = null)
    {
        var own = Available(occupant, occupant.Shown.Payload, true, change, [110, .. codes ?? []]);
        foreach (var session in occupant.Sessions)
        {
            if (only is null || session == only) room.Out.Send(own.CopyFor(session.Jid, id));
        }
    }

    /// <summary>Tells everybody, the occupant too, of a change.</summary>
    public void TellAll(Occupant occupant, Role was, Change? change = null)
    {
        TellOthers(occupant, was, change);
        TellSelf(occupant, change: change);
    }

    /// <summary>Tells those who stay that an occupant is gone, or goes by another name now.</summary>
    public void TellOthersGone(Occupant occupant, ReadOnlySpan<int> codes, IReadOnlyList<Element> payload, Change? change, string? newNick = null, bool isOutcast = false, Element? more = null)
    {
        var with = Unavailable(occupant, occupant.Sessions, codes, payload, change, newNick, isOutcast, more);
        var without = room.Config.IsNonAnonymous ? with : Unavailable(occupant, null, codes, payload, change, newNick, isOutcast, more);
        foreach (var other in room.Occupants.All)
        {
            if (other == occupant) continue;
            foreach (var session in other.Sessions) room.Out.Send((room.SeesAddresses(other) ? with : without).CopyFor(session.Jid));
        }
    }

    /// <summary>Tells clients of an occupant that they are out, or that it goes by another name now.</summary>
    public void TellSelfGone(Occupant occupant, IReadOnlyList<OccupantSession> sessions, ReadOnlySpan<int> codes, IReadOnlyList<Element> payload, Change? change, string? newNick = null, bool isOutcast = false, Element? more = null)
    {
        var own = Unavailable(occupant, sessions, [.. codes, 110], payload, change, newNick, isOutcast, more);
        foreach (var session in sessions) room.Out.Send(own.CopyFor(session.Jid));
    }

    private Presence Template(Occupant occupant, bool withAddress)
    {
        var (with, without) = occupant.Templates;
        if (withAddress)
        {
            with ??= Available(occupant, true, null);
            occupant.Templates = (with, without);
            return with;
        }

        without ??= Available(occupant, false, null);
        occupant.Templates = (with, without);
        return without;
    }

    private Presence Available(Occupant occupant, bool withAddress, Change? change) => Available(occupant, room.StandIns.Visible(occupant.Shown.Payload), withAddress, change);

    private Presence Available(Occupant occupant, IReadOnlyList<Element> payload, bool withAddress, Change? change, params ReadOnlySpan<int> codes)
    {
        var x = new Element("x", MucNames.User);
        var affiliation = room.AffiliationOf(occupant.Account);
        if (withAddress)
        {
            // One item for each client, that of the one which is shown first: as servers with several clients under a nickname do.
            foreach (var session in occupant.Sessions) x.Add(UserExtension.Item(affiliation, occupant.Role, session.Jid, change: change));
        }
        else
        {
            x.Add(UserExtension.Item(affiliation, occupant.Role, change: change));
        }

        foreach (var code in codes) x.Add(UserExtension.Status(code));
        var element = new Element("presence", Ns.Client).Attr("from", occupant.Address.ToString()).Add(payload).Add(RoomState.OccupantIdElement(occupant.Id));
        return new Presence(element.Add(room.Hats.WornBy(occupant.Account)).Add(x));
    }

    private Presence Unavailable(Occupant occupant, IReadOnlyList<OccupantSession>? shown, ReadOnlySpan<int> codes, IReadOnlyList<Element> payload, Change? change, string? newNick, bool isOutcast, Element? more)
    {
        // Who only changes name keeps the role; who is banned is told so even where the list does not say it yet.
        var affiliation = isOutcast ? Affiliation.Outcast : room.AffiliationOf(occupant.Account);
        var role = newNick is null ? Role.None : occupant.Role;
        var x = new Element("x", MucNames.User);
        if (shown is { Count: > 0 })
        {
            foreach (var session in shown) x.Add(UserExtension.Item(affiliation, role, session.Jid, newNick, change));
        }
        else
        {
            x.Add(UserExtension.Item(affiliation, role, null, newNick, change));
        }

        x.Add(more);
        foreach (var code in codes) x.Add(UserExtension.Status(code));
        return new Presence(new Element("presence", Ns.Client).Attr("from", occupant.Address.ToString()).Attr("type", "unavailable").Add(payload).Add(RoomState.OccupantIdElement(occupant.Id)).Add(x));
    }
}
