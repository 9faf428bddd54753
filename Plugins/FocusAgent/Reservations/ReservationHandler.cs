using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Reservations;

/// <summary>Reservations by one IQ each, for programs: <c>reservation</c> and <c>release</c> to a room, <c>reservations</c> to the service.</summary>
public sealed class ReservationHandler(ReservationBook book, FocusServices services) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (iq.Sender.Kind != SenderKind.Account) return iq.Error(StanzaCondition.Forbidden, "only accounts reserve rooms");
        var (account, room) = (iq.From.Bare, iq.To.Bare);
        switch (iq.Payload.Name)
        {
            case "reservations":
                return iq.Result(new Element("reservations", ReservationNames.Namespace).Add(book.List(account).Select(r => Write(r.Until).Attr("room", r.Room.ToString()))));
            case "release":
                return await book.ReleaseAsync(account, room, ct) ? iq.Result() : iq.Error(StanzaCondition.ItemNotFound, "you have not reserved this room");
            case "reservation" when iq.Iq.Type == "get":
                return book.Find(account, room) is { } held ? iq.Result(Write(held)) : iq.Error(StanzaCondition.ItemNotFound, "you have not reserved this room");
            default:
                return await ReserveAsync(iq, account, room, ct);
        }
    }

    private async ValueTask<IqReply> ReserveAsync(IqRequest iq, Jid account, Jid room, CancellationToken ct)
    {
        if (ReservationEnd.Read(iq.Payload["until"], iq.Payload["duration"], services.Clock.GetUtcNow()) is not { } until)
            return iq.Error(StanzaCondition.BadRequest, "'until' is a time by XEP-0082 with its zone, 'duration' a number of seconds");
        var result = await book.ReserveAsync(account, room, until, ct);
        return ReservationErrors.Of(result, services.Options) is { } error ? iq.Error(error) : iq.Result(Write(until));
    }

    private static Element Write(DateTimeOffset until) => new Element("reservation", ReservationNames.Namespace).Attr("until", ReservationEnd.Write(until));
}
