using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Reservations;

/// <summary>Reservations for people: ad-hoc commands (XEP-0050) that every client with a command list can run, reserving and ending on a room's address, listing there and on the service's.</summary>
public sealed class ReservationCommands(ReservationBook book, FocusServices services) : IIqHandler
{
    private const int MaxSessionId = 256;

    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        var command = iq.Payload;
        if (NameOf(command["node"], iq.To) is null) return iq.Error(StanzaCondition.ItemNotFound);
        if (iq.Sender.Kind != SenderKind.Account) return iq.Error(StanzaCondition.Forbidden, "only accounts reserve rooms");
        if (command["sessionid"] is { Length: 0 or > MaxSessionId }) return Bad(iq, "bad-sessionid");
        switch (command["action"])
        {
            case "cancel":
                return iq.Result(Answer(command, "canceled"));
            case null or "execute" or "complete":
                return await RunAsync(iq, command, ct);
            case "next" or "prev":
                return Bad(iq, "bad-action"); // there is one page
            default:
                return Bad(iq, "malformed-action");
        }
    }

    /// <summary>The name of a command of an address; null if it has none of that node.</summary>
    public static string? NameOf(string? node, Jid address) => node switch
    {
        ReservationNames.List => "List your reservations",
        ReservationNames.Reserve when address.Local is not null => "Reserve this room",
        ReservationNames.Release when address.Local is not null => "End your reservation of this room",
        _ => null,
    };

    /// <summary>The commands of an address, for service discovery (XEP-0050 section 2.2).</summary>
    public static IReadOnlyList<DiscoItem> ItemsOf(Jid address) =>
        [.. new[] { ReservationNames.Reserve, ReservationNames.Release, ReservationNames.List }.Where(n => NameOf(n, address) is not null).Select(n => new DiscoItem(address, NameOf(n, address), n))];

    /// <summary>What service discovery says of a command, or of the list of them (XEP-0050 sections 2.2 and 2.3); null if there is no such node.</summary>
    public static DiscoInfo? Describe(string node, Jid address) => node == ReservationNames.Commands
        ? new DiscoInfo([new DiscoIdentity("automation", "command-list", "Commands")], [])
        : NameOf(node, address) is { } name ? new DiscoInfo([new DiscoIdentity("automation", "command-node", name)], [ReservationNames.Commands, ReservationNames.Forms]) : null;

    private async ValueTask<IqReply> RunAsync(IqRequest iq, Element command, CancellationToken ct)
    {
        var (account, room) = (iq.From.Bare, iq.To.Bare);
        switch (command["node"])
        {
            case ReservationNames.List:
                return iq.Result(Answer(command, "completed").Add(ReservationForms.Show(book.List(account))));
            case ReservationNames.Release:
                if (!await book.ReleaseAsync(account, room, ct)) return iq.Error(StanzaCondition.ItemNotFound, "you have not reserved this room");
                return iq.Result(Answer(command, "completed").Add(Note($"{room} is no longer reserved by you.")));
        }

        if (command.Child("x", ReservationNames.Forms) is not { } form) return iq.Result(Answer(command, "executing")
            .Add("actions", a => a.Attr("execute", "complete").Add("complete")).Add(ReservationForms.Ask(room, services.Options.LongestReservation)));
        if (form["type"] == "cancel") return iq.Result(Answer(command, "canceled"));
        if (form["type"] != "submit" || ReservationEnd.Read(ReservationForms.Value(form, "until"), ReservationForms.Value(form, "duration"), services.Clock.GetUtcNow()) is not { } until)
            return Bad(iq, "bad-payload");
        var result = await book.ReserveAsync(account, room, until, ct);
        return ReservationErrors.Of(result, services.Options) is { } error ? iq.Error(error) : iq.Result(Answer(command, "completed").Add(Note($"{room} is reserved until {ReservationEnd.Write(until)}.")));
    }

    private static Element Note(string text) => new Element("note", ReservationNames.Commands).Attr("type", "info").Text(text);

    // Nothing is kept between the pages of a command, so any session is as good as another.
    private static Element Answer(Element command, string status) => new Element("command", ReservationNames.Commands)
        .Attr("node", command["node"]).Attr("sessionid", command["sessionid"] ?? Ids.New()).Attr("status", status);

    // XEP-0050 section 4.4.
    private static IqReply Bad(IqRequest iq, string condition) => iq.Error(StanzaCondition.BadRequest, application: new Element(condition, ReservationNames.Commands));
}
