using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.About;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.About;

/// <summary>What the server tells of itself and of its accounts.</summary>
public sealed class AboutTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_version_is_told_and_the_system_only_where_the_operator_wants(bool showSystem)
    {
        var answer = await AskAsync(new VersionHandler(Options.Of(new AboutOptions { ShowSystem = showSystem })));

        Assert.Equal("Parley", answer.Payload!.Child("name")!.Value);
        Assert.Matches(@"^\d+\.\d+\.\d+$", answer.Payload.Child("version")!.Value);
        Assert.Equal(showSystem, answer.Payload.Child("os") is not null);
    }

    [Theory]
    [InlineData(0, "+00:00")]
    [InlineData(330, "+05:30")]
    [InlineData(-300, "-05:00")]
    public async Task The_time_is_told_with_the_zone(int minutes, string offset)
    {
        _time.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("x", TimeSpan.FromMinutes(minutes), "x", "x"));

        var answer = await AskAsync(new TimeHandler(_time));

        Assert.Equal((offset, "2026-01-02T03:04:05Z"), (answer.Payload!.Child("tzo")!.Value, answer.Payload.Child("utc")!.Value));
    }

    [Fact]
    public async Task The_server_tells_for_how_long_it_has_been_running()
    {
        var handler = new UptimeHandler(_time);
        _time.Advance(TimeSpan.FromSeconds(90.5));

        Assert.Equal("90", (await AskAsync(handler)).Payload!["seconds"]);
    }

    [Fact]
    public void Only_contacts_that_were_set_are_told()
    {
        Assert.Empty(new ContactForms(Options.Of(new AboutOptions())).Of("one.test"));
        var options = new AboutOptions { Abuse = { "mailto:abuse@one.test", "xmpp:abuse@one.test" }, OutageStatus = { "https://status.test/s.json" } };

        var forms = new ContactForms(Options.Of(options)).Of("one.test");

        Assert.Equal(["http://jabber.org/network/serverinfo", "urn:xmpp:sos:0"], forms.Select(f => f.FormType));
        Assert.Equal(["mailto:abuse@one.test", "xmpp:abuse@one.test"], forms[0].Values("abuse-addresses"));
        Assert.Null(forms[0].Find("admin-addresses"));
        Assert.Equal("https://status.test/s.json", forms[1].Value("external-status-addresses"));
        Assert.Empty(AboutOptions.Validate(options));
        Assert.Equal("Admin:1: must be a URI, such as mailto:admin@example.org.", Assert.Single(AboutOptions.Validate(new AboutOptions { Admin = { "xmpp:a@b", "nobody" } })));
    }

    [Fact]
    public async Task Who_may_see_an_accounts_presence_is_told_when_it_left_and_what_it_said()
    {
        await using var tables = await new TestTables("About", LastSeen.Steps).WithAsync("ann@one.test");
        await tables.Get<IRosterStore>().WriteAsync("ann@one.test", new RosterItem("ben@one.test", "", [], false, true, false, null), Ct);
        var (phone, laptop) = (new FakeSession("ann@one.test/phone"), new FakeSession("ann@one.test/laptop") { Presence = Available });
        var directory = Substitute.For<ISessionDirectory>();
        directory.Of(default!).ReturnsForAnyArgs([phone, laptop]);
        var seen = new LastSeen(tables.Database);
        var departures = new Departures(seen, directory, _time);
        var handler = new LastActivityHandler(seen, tables.Get<IRosterStore>(), directory, _time);
        async Task LeaveAsync(FakeSession session, string status)
        {
            session.Presence = null;
            var gone = new Presence(new Element("presence", "jabber:client").Attr("from", session.Jid.ToString()).Attr("type", "unavailable").Add("status", s => s.Text(status)));
            Assert.Equal(Interception.Continue, await departures.OnPresenceAsync(gone, new StanzaContext(StanzaPoint.FromLocalSession, session.Sender, "one.test", session), Ct));
        }

        await LeaveAsync(phone, "still on the laptop");
        Assert.Equal("0", (await AskAsync(handler, "ben@one.test/b", "ann@one.test")).Payload!["seconds"]);
        laptop.Presence = null;
        Assert.Equal(StanzaCondition.ItemNotFound, StanzaError.Of(await AskAsync(handler, "ben@one.test/b", "ann@one.test")).Condition);
        await LeaveAsync(laptop, "gone fishing" + new string('.', 2000));
        _time.Advance(TimeSpan.FromMinutes(2));

        var answer = (await AskAsync(handler, "ben@one.test/b", "ann@one.test")).Payload!;
        Assert.Equal(("120", LastSeen.MaxStatus), (answer["seconds"], answer.Value.Length));
        Assert.StartsWith("gone fishing.", answer.Value, StringComparison.Ordinal);
        Assert.Equal("120", (await AskAsync(handler, "ann@one.test/new", "ann@one.test")).Payload!["seconds"]);
        Assert.Equal(StanzaCondition.Forbidden, StanzaError.Of(await AskAsync(handler, "cid@one.test/c", "ann@one.test")).Condition);
    }

    [Fact]
    public async Task An_account_that_is_removed_meanwhile_leaves_no_trace_and_no_fault()
    {
        await using var tables = new TestTables("About", LastSeen.Steps);
        var seen = new LastSeen(tables.Database);

        await seen.WriteAsync("nobody@one.test", _time.GetUtcNow(), "", Ct);

        Assert.Null(await seen.ReadAsync("nobody@one.test", Ct));
    }

    [Theory]
    [InlineData(LastSeen.MaxStatus - 1, LastSeen.MaxStatus - 1)]
    [InlineData(LastSeen.MaxStatus - 2, LastSeen.MaxStatus)]
    public async Task A_long_status_is_cut_between_characters(int before, int length)
    {
        await using var tables = await new TestTables("About", LastSeen.Steps).WithAsync("ann@one.test");
        var seen = new LastSeen(tables.Database);
        var status = new string('x', before) + "😀😀";

        await seen.WriteAsync("ann@one.test", _time.GetUtcNow(), status, Ct);

        Assert.Equal(status[..length], (await seen.ReadAsync("ann@one.test", Ct))!.Value.Status);
    }

    private static Presence Available => new(new Element("presence", "jabber:client"));

    private static async Task<Iq> AskAsync(IIqHandler handler, string from = "ben@one.test/b", string to = "one.test") =>
        (await handler.HandleAsync(new IqRequest(Iq.Request("get", "1", Jid.Parse(from), Jid.Parse(to), new Element("query", "q")), new SenderInfo(SenderKind.Account), "one.test"), Ct)).Iq!;
}
