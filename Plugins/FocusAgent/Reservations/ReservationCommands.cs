using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Commands;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Reservations;

/// <summary>Reservations for people: ad-hoc commands (XEP-0050) that every client with a command list can run, reserving and ending on a room's address, listing there and on the service's.</summary>
public sealed class ReservationCommands(ReservationBook book, FocusServices services) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        var command = iq.Payload;
        if (NameOf(command["node"], iq.To) is null) return iq.Error(StanzaCondition.ItemNotFound);
        if (iq.Sender.Kind != SenderKind.Account) return iq.Error(StanzaCondition.Forbidden, "only accounts reserve rooms");
        return CommandAnswers.IsToRun(iq, out var reply) ? await RunAsync(iq, command, ct) : reply!.Value;
    }

    /// <summary>The name of a command of an address; null if it has none of that node.</summary>
    public static string? NameOf(string? node, Jid address) => node switch
    {
        ReservationNames.List => "List your reservations",
        ReservationNames.Reserve when address.Local is not null => "Reserve this room",
        ReservationNames.Release when address.Local is not null => "End your reservation of this room",
        _ => null,
    };

    private async ValueTask<IqReply> RunAsync(IqRequest iq, Element command, CancellationToken ct)
    {
        var (account, room) = (iq.From.Bare, iq.To.Bare);
        switch (command["node"])
        {
            case ReservationNames.List:
                return iq.Result(CommandAnswers.Answer(command, "completed").Add(ReservationForms.Show(book.List(account))));
            case ReservationNames.Release:
                if (!await book.ReleaseAsync(account, room, ct)) return iq.Error(StanzaCondition.ItemNotFound, "you have not reserved this room");
                return iq.Result(CommandAnswers.Done(command, $"{room} is no longer reserved by you."));
        }

        if (command.Child("x", ReservationNames.Forms) is not { } form) return iq.Result(CommandAnswers.Ask(command, ReservationForms.Ask(room, services.Options.LongestReservation)));
        if (form["type"] == "cancel") return iq.Result(CommandAnswers.Answer(command, "canceled"));
        if (form["type"] != "submit" || ReservationEnd.Read(ReservationForms.Value(form, "until"), ReservationForms.Value(form, "duration"), services.Clock.GetUtcNow()) is not { } until)
            return CommandAnswers.Bad(iq, "bad-payload");
        var result = await book.ReserveAsync(account, room, until, ct);
        return ReservationErrors.Of(result, services.Options) is { } error ? iq.Error(error) : iq.Result(CommandAnswers.Done(command, $"{room} is reserved until {ReservationEnd.Write(until)}."));
    }
}
