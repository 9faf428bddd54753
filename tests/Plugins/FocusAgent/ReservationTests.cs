using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent;
using Parley.Plugins.FocusAgent.Commands;
using Parley.Plugins.FocusAgent.Reservations;
using Parley.Plugins.FocusAgent.Rooms.Ringing;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>A guest enters a room while an account has reserved it (design section 6).</summary>
public sealed class ReservationTests
{
    private const string Room = Client.RoomAddress;
    private static readonly Jid Ann = "ann@example.org";

    [Fact]
    public async Task A_guest_enters_an_empty_room_that_is_reserved_until_the_reservation_ends()
    {
        await using var lab = new CallLab();
        var guest = new Client(lab, "g@guest.example.org/web") { Kind = SenderKind.Guest };
        Client.AssertError(StanzaCondition.Forbidden, await guest.CallAsync());
        Assert.Equal(ReservationResult.Done, await lab.Reservations.ReserveAsync(Ann, Room, lab.Clock.GetUtcNow().AddHours(1), Ct));
        await guest.JoinAsync();
        Assert.Equal(1, lab.Rooms.Rooms[0].ParticipantCount);
        await lab.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal(1, lab.Rooms.Rooms[0].ParticipantCount); // whoever is in stays
        Client.AssertError(StanzaCondition.Forbidden, await new Client(lab, "h@guest.example.org/web") { Kind = SenderKind.Guest }.CallAsync());
        Client.AssertError(StanzaCondition.Forbidden, await new Client(lab, "eve@elsewhere.example/x") { Kind = SenderKind.Remote }.CallAsync());
    }

    [Fact]
    public async Task A_reservation_ends_with_its_account_and_opens_no_other_room()
    {
        await using var lab = new CallLab();
        await lab.Reservations.ReserveAsync(Ann, Room, lab.Clock.GetUtcNow().AddHours(1), Ct);
        Client.AssertError(StanzaCondition.Forbidden, await new Client(lab, "g@guest.example.org/web", "milk@calls.example.org") { Kind = SenderKind.Guest }.CallAsync());
        lab.Accounts.ExistsAsync(default!, Ct).ReturnsForAnyArgs(false);
        Client.AssertError(StanzaCondition.Forbidden, await new Client(lab, "g@guest.example.org/web") { Kind = SenderKind.Guest }.CallAsync());
        Assert.Empty(lab.Reservations.List());
    }

    [Fact]
    public async Task Reservations_outlive_a_restart()
    {
        var directory = Directory.CreateTempSubdirectory("parley-calls-").FullName;
        await using (var lab = new CallLab(directory: directory))
        {
            await lab.Reservations.ReserveAsync(Ann, Room, lab.Clock.GetUtcNow().AddHours(1), Ct);
            await lab.Reservations.ReserveAsync("bob@example.org", Room, lab.Clock.GetUtcNow().AddHours(2), Ct);
            Assert.True(await lab.Reservations.ReleaseAsync("bob@example.org", Room, Ct));
            Assert.False(await lab.Reservations.ReleaseAsync("bob@example.org", Room, Ct));
        }

        await using (var lab = new CallLab(directory: directory))
        {
            Assert.Equal([new RoomReservation(Room, Ann, lab.Clock.GetUtcNow().AddHours(1))], lab.Reservations.List());
            await new Client(lab, "g@guest.example.org/web") { Kind = SenderKind.Guest }.JoinAsync();
        }

        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(directory, "room-reservations.json")));
        await File.WriteAllTextAsync(Path.Combine(directory, "room-reservations.json"), "[{\"room\":\"@@\"", Ct);
        Assert.Contains("room-reservations.json are damaged", Assert.Throws<IOException>(() => new CallLab(directory: directory)).Message, StringComparison.Ordinal);
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task An_account_has_so_many_at_once_and_none_for_ever()
    {
        await using var lab = new CallLab(new FocusAgentOptions { ReservationsPerAccount = 2, LongestReservation = TimeSpan.FromDays(1) });
        var now = lab.Clock.GetUtcNow();
        Assert.Equal(ReservationResult.Done, await ReserveAsync("one@calls.example.org", now.AddHours(1)));
        Assert.Equal(ReservationResult.Done, await ReserveAsync("two@calls.example.org", now.AddHours(2)));
        Assert.Equal(ReservationResult.TooMany, await ReserveAsync(Room, now.AddHours(1)));
        Assert.Equal(ReservationResult.Done, await ReserveAsync("two@calls.example.org", now.AddHours(3))); // the same once more
        Assert.Equal(now.AddHours(3), lab.Reservations.Find(Ann, "two@calls.example.org"));
        Assert.Equal(ReservationResult.Done, await lab.Reservations.ReserveAsync("bob@example.org", "two@calls.example.org", now.AddHours(1), Ct)); // everybody has their own
        await lab.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal(ReservationResult.Done, await ReserveAsync(Room, now.AddHours(2)));
        foreach (var wrong in (DateTimeOffset[])[now.AddHours(1), now.AddDays(-1), now.AddHours(25).AddSeconds(1)]) Assert.Equal(ReservationResult.OutOfRange, await ReserveAsync(Room, wrong));
        foreach (var wrong in (string[])["calls.example.org", "tea@calls.example.org/focus", "tea@example.org", "tea@calls.elsewhere.example"]) Assert.Equal(ReservationResult.NoRoom, await ReserveAsync(wrong, now.AddHours(2)));
        lab.Accounts.ExistsAsync(default!, Ct).ReturnsForAnyArgs(false);
        Assert.Equal(ReservationResult.NoAccount, await ReserveAsync(Room, now.AddHours(2)));

        async Task<ReservationResult> ReserveAsync(string room, DateTimeOffset until) => await lab.Reservations.ReserveAsync(Ann, room, until, Ct);
    }

    [Fact]
    public async Task A_program_reserves_asks_lists_and_releases_by_one_iq_each()
    {
        await using var lab = new CallLab();
        Client.AssertError(StanzaCondition.ItemNotFound, await AskAsync(lab, "get", Own("reservation")));
        var until = (await AskAsync(lab, "set", Own("reservation").Attr("duration", "3600"))).Payload!;
        Assert.Equal("2026-01-02T04:04:05Z", until["until"]);
        Assert.Equal("2026-01-02T04:04:05Z", (await AskAsync(lab, "get", Own("reservation"))).Payload!["until"]);
        Assert.Equal("2026-01-02T05:00:00Z", (await AskAsync(lab, "set", Own("reservation").Attr("until", "2026-01-02T06:00:00.25+01:00"))).Payload!["until"]);
        Assert.Equal("2026-01-02T05:04:05Z", (await AskAsync(lab, "set", Own("reservation"))).Payload!["until"]); // two hours where nothing is said
        await AskAsync(lab, "set", Own("reservation"), from: "bob@example.org/x");
        var listed = Assert.Single((await AskAsync(lab, "get", Own("reservations"), "calls.example.org")).Payload!.Children);
        Assert.Equal((Room, "2026-01-02T05:04:05Z"), (listed["room"], listed["until"]));
        Assert.Null((await AskAsync(lab, "set", Own("release"))).Payload);
        Client.AssertError(StanzaCondition.ItemNotFound, await AskAsync(lab, "set", Own("release")));
        Assert.Equal(Jid.Parse("bob@example.org"), Assert.Single(lab.Reservations.List()).Account);
    }

    [Theory]
    [InlineData("tomorrow", null, StanzaCondition.BadRequest)]
    [InlineData("2026-01-02T04:00:00", null, StanzaCondition.BadRequest)] // no zone
    [InlineData(null, "-5", StanzaCondition.BadRequest)]
    [InlineData(null, "1h", StanzaCondition.BadRequest)]
    [InlineData(null, "99999999999", StanzaCondition.BadRequest)]
    [InlineData(null, "0", StanzaCondition.NotAcceptable)]
    [InlineData("2026-01-02T03:04:05Z", null, StanzaCondition.NotAcceptable)]
    [InlineData(null, "2147483647", StanzaCondition.NotAcceptable)]
    public async Task An_end_that_is_none_or_too_far_is_refused(string? until, string? duration, StanzaCondition expected)
    {
        await using var lab = new CallLab();
        Client.AssertError(expected, await AskAsync(lab, "set", Own("reservation").Attr("until", until).Attr("duration", duration)));
        Assert.Empty(lab.Reservations.List());
    }

    [Theory]
    [InlineData(SenderKind.Guest)]
    [InlineData(SenderKind.Remote)]
    [InlineData(SenderKind.Component)]
    public async Task Nobody_but_an_account_reserves(SenderKind kind)
    {
        await using var lab = new CallLab();
        foreach (var payload in (Element[])[Own("reservation"), Own("release"), Command(ReservationNames.Reserve), Command(ReservationNames.Release), Command(ReservationNames.List)])
            Client.AssertError(StanzaCondition.Forbidden, await AskAsync(lab, "set", payload, kind: kind));
        Assert.Empty(lab.Reservations.List());
    }

    [Fact]
    public async Task A_person_reserves_lists_and_releases_by_commands()
    {
        await using var lab = new CallLab();
        var asked = (await AskAsync(lab, "set", Command(ReservationNames.Reserve).Attr("action", "execute"))).Payload!;
        Assert.Equal(("executing", true), (asked["status"], asked["sessionid"] is { Length: > 0 }));
        Assert.Equal("complete", Assert.Single(asked.Child("actions")!.Children).Name);
        var form = asked.Child("x", ReservationNames.Forms)!;
        Assert.Equal(["FORM_TYPE", "duration", "until"], form.ChildrenNamed("field", ReservationNames.Forms).Select(f => f["var"]));

        var done = (await AskAsync(lab, "set", Command(ReservationNames.Reserve).Attr("action", "complete").Attr("sessionid", asked["sessionid"]).Add(Submit(("duration", "86400"), ("until", ""))))).Payload!;
        Assert.Equal(("completed", asked["sessionid"]), (done["status"], done["sessionid"]));
        Assert.Contains("until 2026-01-03T03:04:05Z", done.Child("note")!.Value, StringComparison.Ordinal);
        var listed = (await AskAsync(lab, "set", Command(ReservationNames.List), "calls.example.org")).Payload!.Child("x", ReservationNames.Forms)!;
        Assert.Equal([Room, "2026-01-03T03:04:05Z"], listed.Child("item")!.Children.Select(f => f.Child("value")!.Value));
        Assert.Equal("completed", (await AskAsync(lab, "set", Command(ReservationNames.Release))).Payload!["status"]);
        Client.AssertError(StanzaCondition.ItemNotFound, await AskAsync(lab, "set", Command(ReservationNames.Release)));
        Assert.Equal("canceled", (await AskAsync(lab, "set", Command(ReservationNames.Reserve).Attr("action", "cancel").Attr("sessionid", "x"))).Payload!["status"]);
        Assert.Empty(lab.Reservations.List());
    }

    [Fact]
    public async Task Commands_are_refused_by_the_conditions_of_their_standard()
    {
        await using var lab = new CallLab();
        Client.AssertError(StanzaCondition.ItemNotFound, await AskAsync(lab, "set", Command("another")));
        Client.AssertError(StanzaCondition.ItemNotFound, await AskAsync(lab, "set", Command(ReservationNames.Reserve), "calls.example.org")); // not of the service
        foreach (var (payload, condition) in new[]
        {
            (Command(ReservationNames.Reserve).Attr("action", "prev"), "bad-action"),
            (Command(ReservationNames.Reserve).Attr("action", "jump"), "malformed-action"),
            (Command(ReservationNames.Reserve).Attr("sessionid", new string('x', 300)), "bad-sessionid"),
            (Command(ReservationNames.Reserve).Add(Submit(("until", "soon"))), "bad-payload"),
            (Command(ReservationNames.Reserve).Add(Submit().Attr("type", "form")), "bad-payload"),
        })
        {
            var answer = await AskAsync(lab, "set", payload);
            Client.AssertError(StanzaCondition.BadRequest, answer);
            Assert.Equal(condition, StanzaError.Of(answer).Application!.Name);
        }
    }

    [Fact]
    public void Commands_are_found_by_service_discovery()
    {
        using var lab = new Scope();
        var component = lab.Lab.Component;
        Assert.Equal([RingCommand.Node, ViewCommand.Node, ReservationNames.Reserve, ReservationNames.Release, ReservationNames.List], component.Items(Room, ReservationNames.Commands).Take(5).Select(i => i.Node));
        Assert.Equal([ReservationNames.List], component.Items("calls.example.org", ReservationNames.Commands).Select(i => i.Node));
        Assert.Equal("command-list", component.Describe(Room, ReservationNames.Commands)!.Identities[0].Type);
        Assert.Equal("command-node", component.Describe(Room, ReservationNames.Reserve)!.Identities[0].Type);
        Assert.Null(component.Describe(Room, "another"));
        Assert.Empty(component.Items(Room, null));
    }

    [Fact]
    public async Task The_room_that_a_guest_calls_is_known_until_it_leaves()
    {
        await using var lab = new CallLab(new FocusAgentOptions { OpenTo = OpenTo.Guests });
        var guest = await new Client(lab, "g@guest.example.org/web") { Kind = SenderKind.Guest }.JoinAsync(isUp: false);
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        Assert.Equal(Room, lab.Guests.RoomOf(guest.Jid)?.ToString());
        Assert.Null(lab.Guests.RoomOf(ann.Jid)); // accounts are no guests
        await guest.AskAsync(new JingleMessage(JingleAction.SessionTerminate, guest.Sid) { Reason = new JingleReason(JingleCondition.Success) });
        Assert.Null(lab.Guests.RoomOf(guest.Jid));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static Element Own(string name) => new(name, ReservationNames.Namespace);

    private static Element Command(string node) => new Element("command", ReservationNames.Commands).Attr("node", node);

    private static Element Submit(params (string Name, string Value)[] fields) =>
        new Element("x", ReservationNames.Forms).Attr("type", "submit").Add(fields.Select(f => new Element("field", ReservationNames.Forms).Attr("var", f.Name).Add("value", v => v.Text(f.Value))));

    // As the server calls handlers: by the payload.
    private static async Task<Iq> AskAsync(CallLab lab, string type, Element payload, string to = Room, string from = "ann@example.org/web", SenderKind kind = SenderKind.Account)
    {
        IIqHandler handler = payload.Name == "command" ? new ReservationCommands(lab.Reservations, lab.Services) : new ReservationHandler(lab.Reservations, lab.Services);
        return (await handler.HandleAsync(new IqRequest(Iq.Request(type, "1", from, to, payload), new SenderInfo(kind, "s1"), "example.org"), Ct)).Iq!;
    }

    private sealed class Scope : IDisposable
    {
        public CallLab Lab { get; } = new();

        public void Dispose() => Lab.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
