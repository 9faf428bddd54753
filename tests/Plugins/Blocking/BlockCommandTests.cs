using Dapper;
using Parley.Plugins.Blocking;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Plugins.Blocking;

/// <summary>The commands of XEP-0191 and the reports of XEP-0377.</summary>
public sealed class BlockCommandTests
{
    private const string GetList = "<blocklist xmlns='urn:xmpp:blocking'/>", UnblockAll = "<unblock xmlns='urn:xmpp:blocking'/>";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_list_is_kept_and_given_to_whoever_owns_it()
    {
        await using var lab = await new BlockingLab().StartAsync();
        var ann = lab.Bind("ann@one.test/a");
        Assert.Empty((await lab.AskAsync(ann, GetList)).Payload!.Children);

        await lab.BlockAsync(ann, "ben@one.test", "spam.test", "cid@one.test/Phone");
        await lab.BlockAsync(ann, "ben@one.test");

        Assert.Equal(["ben@one.test", "cid@one.test/Phone", "spam.test"], Items(await lab.AskAsync(ann, GetList)));
        // From the database alone, as after a restart.
        Assert.Equal(3, (await new BlockLists(new BlockStore(lab.Database)).FindAsync("ann@one.test", Ct)).Items.Count);
        Assert.Empty((await lab.Lists.FindAsync("ben@one.test", Ct)).Items);
    }

    [Fact]
    public async Task Clients_that_asked_for_the_list_hear_of_its_changes()
    {
        await using var lab = await new BlockingLab().StartAsync();
        var (phone, laptop) = (lab.Bind("ann@one.test/phone"), lab.Bind("ann@one.test/laptop"));
        await lab.AskAsync(phone, GetList);

        await lab.BlockAsync(laptop, "ben@one.test", "cid@one.test");
        await lab.AskAsync(laptop, "<unblock xmlns='urn:xmpp:blocking'><item jid='cid@one.test'/></unblock>");
        await lab.AskAsync(laptop, UnblockAll);

        Assert.Empty(laptop.Take());
        Assert.Equal(["block ben@one.test cid@one.test", "unblock cid@one.test", "unblock"],
            phone.Take().Cast<Iq>().Select(i => string.Join(' ', [i.Payload!.Name, .. i.Payload.Children.Select(c => c["jid"])])));
        Assert.Empty((await lab.Lists.FindAsync("ann@one.test", Ct)).Items);
    }

    [Theory]
    [InlineData("<block xmlns='urn:xmpp:blocking'/>", StanzaCondition.BadRequest)]
    [InlineData("<block xmlns='urn:xmpp:blocking'><item/></block>", StanzaCondition.BadRequest)]
    [InlineData("<block xmlns='urn:xmpp:blocking'><item jid='@'/></block>", StanzaCondition.JidMalformed)]
    [InlineData("<unblock xmlns='urn:xmpp:blocking'><item jid='a@b@/'/></unblock>", StanzaCondition.JidMalformed)]
    [InlineData("<block xmlns='urn:xmpp:blocking'><item jid='ann@one.test/other'/></block>", StanzaCondition.NotAllowed)]
    [InlineData("<block xmlns='urn:xmpp:blocking'><item jid='one.test'/></block>", StanzaCondition.NotAllowed)]
    [InlineData("<block xmlns='urn:xmpp:blocking'><item jid='a@x.test'/><item jid='b@x.test'/><item jid='c@x.test'/></block>", StanzaCondition.ResourceConstraint)]
    public async Task What_cannot_be_is_refused_and_changes_nothing(string payload, StanzaCondition condition)
    {
        await using var lab = await new BlockingLab(new BlockingOptions { MaxItems = 2 }).StartAsync();
        var ann = lab.Bind("ann@one.test/a");

        Assert.Equal(condition, StanzaError.Of(await lab.AskAsync(ann, payload)).Condition);
        Assert.Empty((await lab.Lists.FindAsync("ann@one.test", Ct)).Items);
    }

    [Theory]
    [InlineData(GetList)]
    [InlineData("<block xmlns='urn:xmpp:blocking'><item jid='cid@one.test'/></block>")]
    [InlineData(UnblockAll)]
    public async Task Another_accounts_list_is_nobody_elses(string payload)
    {
        await using var lab = await new BlockingLab().StartAsync();

        Assert.Equal(StanzaCondition.Forbidden, StanzaError.Of(await lab.AskAsync(lab.Bind("ann@one.test/a"), payload, "ben@one.test")).Condition);
    }

    [Fact]
    public async Task Contacts_see_the_user_leave_when_blocked_and_come_back_when_not()
    {
        await using var lab = await new BlockingLab().StartAsync();
        var ann = lab.Bind("ann@one.test/a");
        lab.Bind("ann@one.test/invisible", isAvailable: false);
        await lab.SubscribeAsync("ann@one.test", "ben@one.test", from: true, to: true);
        await lab.SubscribeAsync("ann@one.test", "dan@far.test", from: true, to: false);
        await lab.SubscribeAsync("ann@one.test", "eve@far.test", from: false, to: true);

        await lab.BlockAsync(ann, "ben@one.test", "far.test", "stranger@x.test");
        var gone = lab.TakeRouted();
        await lab.BlockAsync(ann, "dan@far.test"); // is gone already
        Assert.Empty(lab.TakeRouted());

        Assert.Equal(["presence unavailable ann@one.test/a ben@one.test", "presence unavailable ann@one.test/a dan@far.test"], gone.Select(BlockingLab.Words).Order());
        // That is the last word: nothing else goes out.
        Assert.All(gone, g => Assert.False(lab.SeeAsync(g, Parley.Plugin.Abstractions.StanzaPoint.FromLocalAccount).GetAwaiter().GetResult()));

        await lab.AskAsync(ann, "<unblock xmlns='urn:xmpp:blocking'><item jid='far.test'/></unblock>");
        // Dan is blocked by himself still; Eve is asked for.
        Assert.Equal(["presence probe ann@one.test/a eve@far.test"], lab.TakeRouted().Select(BlockingLab.Words));
        await lab.AskAsync(ann, UnblockAll);
        var back = lab.TakeRouted();
        Assert.Equal(["presence available ann@one.test/a ben@one.test", "presence available ann@one.test/a dan@far.test", "presence probe ann@one.test/a ben@one.test"], back.Select(BlockingLab.Words).Order());
        Assert.Contains("here", back[0].Element.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_is_kept_and_told_to_the_operator_a_few_times_a_day()
    {
        await using var lab = await new BlockingLab(new BlockingOptions { ReportsPerDay = 2, ReportsTo = { "admin@one.test" } }).StartAsync();
        var ann = lab.Bind("ann@one.test/a");
        async Task ReportAsync(string jid, string report = "<report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:spam'><stanza-id xmlns='urn:xmpp:sid:0' by='x' id='i1'/><text>Never came trouble</text></report>")
        {
            Assert.Equal("result", (await lab.AskAsync(ann, $"<block xmlns='urn:xmpp:blocking'><item jid='{jid}'>{report}</item></block>")).Type);
        }

        await ReportAsync("spam@x.test");
        var notice = Assert.IsType<Message>(Assert.Single(lab.TakeRouted()));
        Assert.Equal("message normal one.test admin@one.test", BlockingLab.Words(notice));
        Assert.Equal("ann@one.test reports spam@x.test: spam.\nNever came trouble\nMessages: i1", notice.Body);

        await ReportAsync("noreason@x.test", "<report xmlns='urn:xmpp:reporting:1'/>");
        Assert.Empty(lab.TakeRouted());
        await ReportAsync("second@x.test");
        await ReportAsync("third@x.test");
        Assert.Single(lab.TakeRouted());
        lab.Time.Advance(TimeSpan.FromHours(25));
        await ReportAsync("fourth@x.test");
        Assert.Single(lab.TakeRouted());
        Assert.Equal(3, await lab.Database.ReadAsync(c => c.ExecuteScalar<int>("SELECT COUNT(*) FROM blocking_reports WHERE body = 'Never came trouble'"), Ct));
        Assert.Equal(5, (await lab.Lists.FindAsync("ann@one.test", Ct)).Items.Count);
    }

    [Fact]
    public void A_report_is_cut_to_what_is_kept_of_it()
    {
        var ids = string.Concat(Enumerable.Range(0, 60).Select(i => $"<stanza-id xmlns='urn:xmpp:sid:0' id='{i}'/>"));
        var report = Report.Read(BlockingLab.Parse($"<item xmlns='urn:xmpp:blocking'><report xmlns='urn:xmpp:reporting:1' reason='r'><text>{new string('x', 5000)}</text>{ids}</report></item>"))!;

        Assert.Equal((4000, 50), (report.Text.Length, report.StanzaIds.Count));
    }

    [Fact]
    public async Task Lists_of_many_accounts_do_not_fill_the_memory_and_those_of_removed_ones_are_forgotten()
    {
        await using var lab = await new BlockingLab().StartAsync();
        var ann = lab.Bind("ann@one.test/a");
        await lab.BlockAsync(ann, "ben@one.test");
        await lab.Database.WriteAsync(c => c.Execute("DELETE FROM blocking_items"), Ct);
        Assert.NotEmpty((await lab.Lists.FindAsync("ann@one.test", Ct)).Items);
        new BlockListsOfRemoved(lab.Lists).Removed("ann@one.test");
        Assert.Empty((await lab.Lists.FindAsync("ann@one.test", Ct)).Items);

        for (var i = 0; i < BlockLists.MaxCached + 10; i++) await lab.Lists.FindAsync(Jid.Parse($"u{i}@one.test"), Ct);
        Assert.InRange(lab.Lists.Cached, 1, BlockLists.MaxCached);
    }

    private static IEnumerable<string?> Items(Iq answer) => answer.Payload!.Children.Select(c => c["jid"]).Order(StringComparer.Ordinal);
}
