using System.Globalization;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>Requests from one occupant to another (XEP-0045 section 17.4): passed on under the asker's address in the room, with an id of the room's own, so that answers find back. One's own
/// nickname is answered by the room: whether one is there (XEP-0410 section 3.2).</summary>
internal sealed class IqRelay(RoomState room)
{
    private const string PubSub = "http://jabber.org/protocol/pubsub";
    private readonly Dictionary<string, Relayed> _open = [];
    private readonly Queue<(string Id, DateTimeOffset Until)> _order = [];
    private long _last;

    /// <summary>Takes a request to an occupant's address.</summary>
    public void Ask(Iq iq)
    {
        var nick = iq.To!.Resource!;
        if (room.Occupants.Of(iq.From) is not { } asker)
        {
            room.Out.Refuse(iq, StanzaCondition.NotAcceptable, "You are not in the room.");
            return;
        }

        if (room.StandIns.Has(nick))
        {
            room.Out.Refuse(iq, StanzaCondition.ServiceUnavailable, "A service has that nickname; it is at its real address.");
            return;
        }

        if (room.Occupants.Find(nick) is not { } asked)
        {
            room.Out.Refuse(iq, StanzaCondition.ItemNotFound, "Nobody has that nickname.");
            return;
        }

        if (asked == asker && iq.Payload!.Is("ping", Ns.Ping))
        {
            room.Out.Answer(iq);
            return;
        }

        Forget();
        // Not all of them by one account, which need only ask a client of its own that does not answer.
        var most = room.Rules.MaxRelayedRequests;
        if (_open.Count >= most || _open.Values.Count(r => r.Asker.Bare == asker.Account) >= Math.Max(1, most / 4))
        {
            room.Out.Refuse(iq, StanzaCondition.ResourceConstraint, "Too many requests wait for an answer.");
            return;
        }

        // What an account publishes is answered by its server, whatever client is there.
        var target = iq.Payload!.Is("vCard", Ns.VCard) || iq.Payload.Is("pubsub", PubSub) ? asked.Account : asked.Shown.Jid;
        var id = string.Create(CultureInfo.InvariantCulture, $"r{++_last}-{asker.Id[..8]}");
        _open[id] = new Relayed(iq.From!, iq.Id!, target, asked.Address);
        _order.Enqueue((id, room.Now + room.Rules.RelayTime));
        room.Out.Send(Iq.Request(iq.Type!, id, asker.Address, target, iq.Payload));
    }

    /// <summary>Takes an answer; it goes to whoever asked, if they are still there, and nowhere otherwise.</summary>
    public void Answer(Iq iq)
    {
        if (!_open.TryGetValue(iq.Id!, out var relayed) || relayed.Target != iq.From) return;
        _open.Remove(iq.Id!);
        if (room.Occupants.Of(relayed.Asker) is null) return;
        var answer = iq.Element.Copy().Attr("id", relayed.Id).Attr("from", relayed.Asked.ToString()).Attr("to", relayed.Asker.ToString());
        room.Out.Send(new Iq(answer));
    }

    private void Forget()
    {
        while (_order.TryPeek(out var oldest) && oldest.Until <= room.Now)
        {
            _open.Remove(oldest.Id);
            _order.Dequeue();
        }
    }

    private sealed record Relayed(Jid Asker, string Id, Jid Target, Jid Asked);
}
