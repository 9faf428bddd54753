using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>
/// A chat room (XEP-0045) as a machine: stanzas and the time go in, what is to be sent and kept comes out of <see cref="Out"/>. It waits for nothing, and whoever drives it calls it from one place at a time.
/// </summary>
public sealed class Room
{
    private readonly RoomState _state;
    private readonly Jid? _creator;
    private readonly byte[] _secret;
    private readonly Joining _joining;
    private readonly PresenceChanges _changes;
    private readonly Leaving _leaving;
    private readonly Messages _messages;
    private readonly PrivateMessaging _private;
    private readonly Invitations _invitations;
    private readonly VoiceRequests _voiceRequests;
    private readonly Registration _registration;
    private readonly AffiliationChanges _affiliations;
    private readonly Administration _administration;
    private readonly Ownership _ownership;
    private readonly IqRelay _relay;
    private readonly Moderation _moderation;
    private readonly HatCommands _hats;
    private readonly Avatar _avatar;
    private readonly RoomDiscovery _discovery;

    private Room(Jid address, byte[] secret, Jid? creator, RoomRules rules)
    {
        (_secret, _creator) = (secret, creator);
        _state = new RoomState(address, secret, rules);
        var voice = new PresenceVoice(_state);
        _leaving = new Leaving(_state, voice);
        _joining = new Joining(_state, voice);
        _changes = new PresenceChanges(_state, voice, _joining);
        _messages = new Messages(_state);
        _private = new PrivateMessaging(_state);
        var roles = new RoleChanges(_state, voice, _leaving);
        var affiliations = _affiliations = new AffiliationChanges(_state, voice, _leaving);
        _invitations = new Invitations(_state, affiliations);
        _voiceRequests = new VoiceRequests(_state, roles);
        _registration = new Registration(_state, affiliations);
        _administration = new Administration(_state, roles, affiliations);
        _ownership = new Ownership(_state, affiliations, _leaving);
        _relay = new IqRelay(_state);
        _moderation = new Moderation(_state);
        _hats = new HatCommands(_state, voice, _ownership);
        _avatar = new Avatar(_state, _ownership);
        _discovery = new RoomDiscovery(_state);
    }

    /// <summary>A new room, locked until its creator configures it (section 10.1).</summary>
    /// <param name="address">Its bare address.</param>
    /// <param name="creator">Who makes it: the owner.</param>
    /// <param name="secret">Random bytes, a key of its own.</param>
    /// <param name="rules">What the service imposes.</param>
    public static Room Create(Jid address, Jid creator, byte[] secret, RoomRules rules)
    {
        var room = new Room(address, secret, creator.Bare, rules);
        room._state.IsLocked = true;
        room._state.Affiliations.Set(creator.Bare, new AffiliationEntry(Affiliation.Owner));
        return room;
    }

    /// <summary>A room that was kept.</summary>
    public static Room Restore(RoomRecord record, RoomRules rules)
    {
        var room = new Room(record.Address, record.Secret, record.Creator, rules);
        (room._state.Config, room._state.Subject, room._state.VCard) = (record.Config, record.Subject, record.VCard);
        foreach (var (account, entry) in record.Affiliations) room._state.Affiliations.Set(account, entry);
        foreach (var hat in record.Hats) room._state.Hats.Put(hat);
        foreach (var (account, uri) in record.Worn.Where(w => room._state.Hats.Find(w.Uri) is not null)) room._state.Hats.PutOn(account, uri);
        return room;
    }

    /// <summary>The room's bare address.</summary>
    public Jid Address => _state.Address;

    /// <summary>What is to be sent and kept.</summary>
    public Outbox Out => _state.Out;

    /// <summary>Whether nobody is there.</summary>
    public bool IsEmpty => _state.Occupants.Count == 0;

    /// <summary>Whether it stays when nobody is there. One that was never configured does not.</summary>
    public bool IsKept => _state.Config.IsPersistent && !_state.IsLocked;

    /// <summary>Whether what is said is archived.</summary>
    public bool IsArchived => _state.IsArchived;

    /// <summary>How many clients are there.</summary>
    public int SessionCount => _state.Occupants.SessionCount;

    /// <summary>What others may know.</summary>
    public RoomSummary Summary => new(_state.Config.Name.Length > 0 ? _state.Config.Name : Address.Local!, _state.Config.IsPublic && !_state.IsLocked, _state.Occupants.Count);

    /// <summary>All that outlives the occupants.</summary>
    public RoomRecord Record => new(Address, _secret)
    {
        Creator = _creator,
        Config = _state.Config,
        Subject = _state.Subject,
        VCard = _state.VCard,
        Affiliations = [.. _state.Affiliations.All],
        Hats = [.. _state.Hats.All],
        Worn = [.. _state.Hats.Worn.Select(w => (w.Account, w.Hat.Uri))],
    };

    /// <summary>The entry of an account; null if it has none any more.</summary>
    public AffiliationEntry? FindAffiliation(Jid account) => _state.Affiliations.Find(account);

    /// <summary>Says what holds for the events that come next.</summary>
    public void Begin(DateTimeOffset now, RoomRules rules, bool hasArchive, IReadOnlyList<IRoomStandIn>? standIns = null) =>
        (_state.Now, _state.Rules, _state.HasArchive, _state.StandIns.Offers) = (now, rules, hasArchive, standIns ?? []);

    /// <summary>Sees to what follows from the events since <see cref="Begin"/>, before what comes of them is taken out.</summary>
    public void Settle() => _state.StandIns.Settle();

    /// <summary>Gives the room back what was said before it was there again, oldest first.</summary>
    public void Remember(IEnumerable<(string Id, DateTimeOffset Time, Message Message)> entries)
    {
        foreach (var (id, time, message) in entries)
        {
            if (!History.IsKept(message.Element)) continue;
            var element = ArchivedView(message, seesAddresses: false).Element.Copy().Attr("to", null).Add(new Element("stanza-id", Ns.StanzaIds).Attr("by", Address.ToString()).Attr("id", id));
            var author = message.Element.Child("occupant-id", MucNames.OccupantId)?["id"];
            _state.History.Add(new HistoryEntry(id, time, author, History.Stamp(new Message(element), Address.ToString(), time)), _state.Rules.MaxHistory);
        }
    }

    /// <summary>Takes a presence to the room or an address in it.</summary>
    public void OnPresence(Presence presence)
    {
        if (presence.IsError)
        {
            if (Leaving.MeansGone(presence)) _leaving.Drop(presence.From!);
        }
        else if (presence.Type == "unavailable")
        {
            _leaving.Leave(presence);
        }
        else if (presence.IsAvailable)
        {
            if (_state.Occupants.TryFind(presence.From!, out var occupant, out var session)) _changes.Take(presence, occupant, session);
            else _joining.Enter(presence);
        }

        // Rooms have no subscribers: requests and probes say nothing here.
    }

    /// <summary>Takes a message. What is for everybody comes back, to be archived first and then given to <see cref="Reflect"/>.</summary>
    public PreparedMessage? OnMessage(Message message)
    {
        if (message.IsError)
        {
            OnError(message);
            return null;
        }

        if (message.To!.Resource is not null)
        {
            _private.Take(message);
            return null;
        }

        if (message.Type == "groupchat") return _messages.Prepare(message);
        if (_invitations.TryTake(message) || _voiceRequests.TryTake(message) || _registration.TryDecide(message)) return null;
        _state.Out.Refuse(message, StanzaCondition.NotAcceptable, "What is said to everybody has the type groupchat.");
        return null;
    }

    /// <summary>Sends a message that came back from <see cref="OnMessage"/> or <see cref="OnRequest"/> to everybody.</summary>
    /// <param name="prepared">The message.</param>
    /// <param name="id">Its stable id, the archive's; null for a message that the archive does not have, since clients ask for what came after one.</param>
    /// <param name="isDuplicate">Whether the archive had it already: it goes to whoever sent it again alone.</param>
    public void Reflect(PreparedMessage prepared, string? id, bool isDuplicate = false) => _messages.Reflect(prepared, id, isDuplicate);

    /// <summary>Says that a message could not be archived, so that nobody sees it.</summary>
    public void Fail(PreparedMessage prepared)
    {
        if (((Stanza?)prepared.Original ?? prepared.Request) is { } stanza) _state.Out.Refuse(stanza, new StanzaError(StanzaCondition.InternalServerError, StanzaErrorType.Wait, "The message could not be stored."));
    }

    /// <summary>The message in the archive that a request is about; null if it is about none.</summary>
    public static string? ArchivedTargetOf(Iq iq) => iq.To?.Resource is null ? Moderation.TargetOf(iq) : null;

    /// <summary>Takes an IQ. A moderation comes back, to be archived first.</summary>
    /// <param name="iq">The request or answer.</param>
    /// <param name="isTargetArchived">Whether the archive has the message of <see cref="ArchivedTargetOf"/>.</param>
    public PreparedMessage? OnIq(Iq iq, bool isTargetArchived = false)
    {
        if (!iq.IsRequest) _relay.Answer(iq);
        else if (iq.To!.Resource is not null) _relay.Ask(iq);
        else return OnRequest(iq, isTargetArchived);
        return null;
    }

    /// <summary>Whether somebody may read the archive: whoever may enter, or is there.</summary>
    public bool MayReadArchive(Jid real)
    {
        var affiliation = _state.AffiliationOf(real);
        if (affiliation == Affiliation.Outcast || _state.IsLocked) return false;
        return affiliation >= Affiliation.Member || _state.Occupants.Of(real) is not null || _state.Config is { IsMembersOnly: false, Password: null };
    }

    /// <summary>How somebody may see archived messages: real addresses are for those who see them in the room too.</summary>
    public Func<Message, Message> ArchiveView(Jid real)
    {
        var sees = _state.Config.IsNonAnonymous || _state.AffiliationOf(real) >= Affiliation.Admin;
        return archived => ArchivedView(archived, sees);
    }

    /// <summary>What somebody is to the room.</summary>
    public Affiliation AffiliationOf(Jid real) => _state.AffiliationOf(real);

    /// <summary>What an account is to whatever is tied to the room.</summary>
    public ChatRoomStanding StandingOf(Jid account)
    {
        var affiliation = _state.AffiliationOf(account);
        var roles = _state.Occupants.OfAccount(account.Bare).Select(o => o.Role).ToList();
        var isMember = affiliation >= Affiliation.Member;
        var hasVoice = (roles.Count > 0 ? roles.Max() : _state.DefaultRole(affiliation)) >= Role.Participant;
        return new ChatRoomStanding(roles.Count > 0, isMember, affiliation >= Affiliation.Admin || roles.Contains(Role.Moderator), hasVoice);
    }

    /// <summary>Whether a real full address is in the room.</summary>
    public bool IsThere(Jid full) => _state.Occupants.Of(full) is not null;

    /// <summary>Whether a presence of somebody who is there asks for everything anew, or for another nickname.</summary>
    public bool IsEntering(Presence presence) =>
        presence.Element.Child("x", MucNames.Muc) is not null || !string.Equals(_state.Occupants.Of(presence.From!)?.Nick, presence.To!.Resource, StringComparison.Ordinal);

    /// <summary>Refuses to let somebody in.</summary>
    public void Refuse(Presence presence, StanzaError error) => _joining.Refuse(presence, error);

    /// <summary>Refuses to pass on what somebody says.</summary>
    public void Refuse(Message message, StanzaError error) => _state.Out.Refuse(message, error);

    /// <summary>Takes an account from the lists, one that there is no more.</summary>
    public void Forget(Jid account)
    {
        if (_state.Affiliations.Find(account) is not null) _affiliations.Apply(account, Affiliation.None, null);
        foreach (var (_, hat) in _state.Hats.Worn.Where(w => w.Account == account).ToList()) _state.Out.Changes.Hats |= _state.Hats.TakeOff(account, hat.Uri);
    }

    /// <summary>Puts everybody out because the service stops (section 11.2).</summary>
    public void Close() => _leaving.RemoveAll([332], new Change(Reason: "The server stops."));

    /// <summary>Removes a client that nothing reaches.</summary>
    public void Drop(Jid full) => _leaving.Drop(full);

    private static Message ArchivedView(Message archived, bool seesAddresses) =>
        seesAddresses || archived.Element.Child("x", MucNames.User) is null ? archived : new Message(archived.Element.CopyWithout(c => c.Is("x", MucNames.User)));

    private PreparedMessage? OnRequest(Iq iq, bool isTargetArchived)
    {
        // Until it is configured it is there for nobody but whoever makes it (section 10.1.1).
        if (_state.IsLocked && _state.AffiliationOf(iq.From!) != Affiliation.Owner)
        {
            _state.Out.Refuse(iq, StanzaCondition.ItemNotFound);
            return null;
        }

        switch (iq.Payload!)
        {
            case { Name: "query", Namespace: Ns.DiscoInfo } when iq.Type == "get":
                _discovery.Info(iq);
                break;
            case { Name: "query", Namespace: Ns.DiscoItems } when iq.Type == "get":
                _discovery.Items(iq);
                break;
            case { Name: "query", Namespace: MucNames.Admin }:
                _administration.Take(iq);
                break;
            case { Name: "query", Namespace: MucNames.Owner }:
                _ownership.Take(iq);
                break;
            case { Name: "query", Namespace: MucNames.Register }:
                _registration.Take(iq);
                break;
            case { Name: "vCard", Namespace: Ns.VCard }:
                _avatar.Take(iq);
                break;
            case { Name: "command", Namespace: MucNames.Commands }:
                _hats.Take(iq);
                break;
            case { Name: "moderate", Namespace: MucNames.Moderate } when iq.Type == "set":
                return _moderation.Prepare(iq, isTargetArchived);
            case { Name: "ping", Namespace: Ns.Ping } when iq.Type == "get":
                _state.Out.Answer(iq);
                break;
            default:
                _state.Out.Refuse(iq, StanzaCondition.ServiceUnavailable);
                break;
        }

        return null;
    }

    private void OnError(Message message)
    {
        if (Leaving.MeansGone(message)) _leaving.Drop(message.From!);
        // Another error is an answer to a private message, for whoever wrote it.
        else if (message.To!.Resource is not null && _state.Occupants.Of(message.From) is not null && _state.Occupants.Find(message.To.Resource) is not null) _private.Take(message);
    }
}
