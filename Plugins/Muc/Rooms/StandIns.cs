using System.Globalization;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>
/// Who stands in for the occupants in what matter (<see cref="IRoomStandIn"/>). A stand-in comes before the first presence that calls for it is shown and goes with the last, so that no client ever sees
/// the element of another: one that sees none but the stand-in's deals with the stand-in alone.
/// </summary>
internal sealed class StandIns(RoomState room)
{
    private readonly List<Matter> _matters = [];
    private long _seen = -1;

    /// <summary>Those on offer at this moment.</summary>
    public IReadOnlyList<IRoomStandIn> Offers { get; set; } = [];

    /// <summary>Looks at what somebody is about to show, who is not in the room yet or shows something else until now.</summary>
    public void Notice(IReadOnlyList<Element> payload)
    {
        foreach (var offer in Offers)
        {
            if (!Says(payload, offer) || _matters.Any(m => m.IsOf(offer))) continue;
            // Where they deal with one another already, whoever comes does so too.
            var isBegun = room.Occupants.All.Any(o => o.Sessions.Any(s => Says(s.Payload, offer)));
            var chosen = isBegun ? null : offer.Choose(room.Address);
            var matter = new Matter(offer, chosen is null ? null : new Presences(room, chosen, FreeNick(chosen.Nick)));
            _matters.Add(matter);
            if (matter.Shown is not { } shown) continue;
            foreach (var full in room.Occupants.Addresses) room.Out.Send(shown.Here().CopyFor(full));
        }
    }

    /// <summary>Notes who says what after an event, and ends what nobody says any more.</summary>
    public void Settle()
    {
        if (_matters.Count == 0) return;
        var isSame = _seen == room.Occupants.Version;
        _seen = room.Occupants.Version;
        foreach (var matter in _matters.ToList())
        {
            var offer = Offers.FirstOrDefault(matter.IsFrom);
            if (isSame && offer is not null) continue;
            var saying = offer is null ? [] : room.Occupants.All.SelectMany(o => o.Sessions).Where(s => Says(s.Payload, offer)).Select(s => s.Jid).ToHashSet();
            if (offer is not null && matter.Shown is not null) Tell(matter, offer, saying);
            if (saying.Count == 0) End(matter);
        }
    }

    /// <summary>Shows somebody who enters the stand-ins.</summary>
    public void TellRoster(Jid full)
    {
        foreach (var shown in Active) room.Out.Send(shown.Here().CopyFor(full));
    }

    /// <summary>What of an occupant's presence others see.</summary>
    public IReadOnlyList<Element> Visible(IReadOnlyList<Element> payload) =>
        _matters.Any(m => m.Shown is not null) ? [.. payload.Where(e => !_matters.Any(m => m.Shown is not null && e.Is(m.Name, m.Namespace)))] : payload;

    /// <summary>Whether a nickname is a stand-in's.</summary>
    public bool Has(string nick) => Active.Any(a => string.Equals(a.Nick, nick, StringComparison.OrdinalIgnoreCase));

    private IEnumerable<Presences> Active => _matters.Select(m => m.Shown).OfType<Presences>();

    private static bool Says(IReadOnlyList<Element> payload, IRoomStandIn offer) => payload.Any(e => e.Is(offer.Name, offer.Namespace));

    private void Tell(Matter matter, IRoomStandIn offer, HashSet<Jid> saying)
    {
        foreach (var client in matter.Saying.Except(saying)) room.Out.Changes.Sayings.Add(new Saying(offer, client, IsSaid: false));
        foreach (var client in saying.Except(matter.Saying)) room.Out.Changes.Sayings.Add(new Saying(offer, client, IsSaid: true));
        matter.Saying = saying;
    }

    private void End(Matter matter)
    {
        _matters.Remove(matter);
        if (matter.Shown is not { } shown) return;
        foreach (var occupant in room.Occupants.All) occupant.Templates = default;
        foreach (var full in room.Occupants.Addresses) room.Out.Send(shown.Gone().CopyFor(full));
    }

    private string FreeNick(string wanted)
    {
        var nick = wanted;
        for (var i = 2; room.Occupants.Find(nick) is not null || room.Affiliations.HolderOf(nick) is not null || Has(nick); i++) nick = string.Create(CultureInfo.InvariantCulture, $"{wanted} {i}");
        return nick;
    }

    // One element, from its first presence to its last. The offer is its plugin's, which must be let go when it is unloaded.
    private sealed class Matter(IRoomStandIn offer, Presences? shown)
    {
        private readonly WeakReference<IRoomStandIn> _offer = new(offer);

        public string Name { get; } = offer.Name;

        public string Namespace { get; } = offer.Namespace;

        public Presences? Shown { get; } = shown;

        public HashSet<Jid> Saying { get; set; } = [];

        public bool IsOf(IRoomStandIn other) => other.Name == Name && other.Namespace == Namespace;

        public bool IsFrom(IRoomStandIn other) => _offer.TryGetTarget(out var own) && ReferenceEquals(own, other);
    }

    private sealed class Presences(RoomState room, StandIn who, string nick)
    {
        private readonly Element _payload = who.Payload;
        private readonly Jid _address = room.Address.WithResource(nick);

        public string Nick { get; } = nick;

        public Presence Here() => new(Make().Add(_payload).Add(Id()).Add(new Element("x", MucNames.User).Add(UserExtension.Item(Affiliation.Member, Role.Participant, who.Jid))));

        public Presence Gone() => new(Make().Attr("type", "unavailable").Add(Id()).Add(new Element("x", MucNames.User).Add(UserExtension.Item(Affiliation.Member, Role.None, who.Jid))));

        private Element Make() => new Element("presence", Ns.Client).Attr("from", _address.ToString());

        private Element Id() => RoomState.OccupantIdElement(room.OccupantIdOf(who.Jid.Bare));
    }
}

/// <summary>A client says an element for which somebody stands in, or does so no more.</summary>
/// <param name="Offer">Who is to be told.</param>
/// <param name="Client">The client's real full address.</param>
/// <param name="IsSaid">Whether it says it.</param>
public sealed record Saying(IRoomStandIn Offer, Jid Client, bool IsSaid);
