using Parley.Plugin.Abstractions;
using Parley.Plugins.Archive;
using Parley.Xmpp.Core.Stanzas;
using static Parley.tests.Plugins.Archive.ArchiveLab;

namespace Parley.tests.Plugins.Archive;

/// <summary>XEP-0441: with whom messages are kept.</summary>
public sealed class ArchivePreferenceTests : IAsyncLifetime
{
    private ArchiveLab _lab = null!;

    public async ValueTask InitializeAsync() => _lab = await StartAsync();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    private static IqRequest Request(string type, string payload, string from = "ann@one.test/phone", string to = "ann@one.test") =>
        new(new Iq(Xml($"<iq type='{type}' id='1' from='{from}' to='{to}'>{payload}</iq>")), new SenderInfo(SenderKind.Account), "one.test");

    private static string Prefs(string value, string always = "", string never = "") => $"<prefs xmlns='urn:xmpp:mam:2' default='{value}'><always>{always}</always><never>{never}</never></prefs>";

    private async Task<Iq> SetAsync(string prefs) => (await new PreferencesSetHandler(_lab.Preferences, Options.Of(_lab.Options)).HandleAsync(Request("set", prefs), Ct)).Iq!;

    private async Task<Iq> GetAsync(string from = "ann@one.test/phone") => (await new PreferencesGetHandler(_lab.Preferences, Options.Of(_lab.Options)).HandleAsync(Request("get", "<prefs xmlns='urn:xmpp:mam:2'/>", from), Ct)).Iq!;

    [Fact]
    public async Task An_account_says_what_is_kept_and_keeps_saying_it()
    {
        Assert.Equal("<prefs xmlns='urn:xmpp:mam:2' default='always'><always/><never/></prefs>", (await GetAsync()).Payload!.ToString());
        var answer = await SetAsync("<prefs xmlns='urn:xmpp:mam:2' default='roster'><never><jid>Eve@Two.test</jid><jid>eve@two.test</jid></never></prefs>");
        const string Now = "<prefs xmlns='urn:xmpp:mam:2' default='roster'><always/><never><jid>eve@two.test</jid></never></prefs>";
        Assert.Equal(Now, answer.Payload!.ToString());
        Assert.Equal(Now, (await GetAsync()).Payload!.ToString());
        Assert.Equal(Now, (await _lab.Restart().Preferences.FindAsync(Ann, Ct)).ToElement(ArchiveDefault.Always).ToString());
    }

    [Theory]
    [InlineData("<prefs xmlns='urn:xmpp:mam:2'/>")]
    [InlineData("<prefs xmlns='urn:xmpp:mam:2' default='perhaps'/>")]
    [InlineData("<prefs xmlns='urn:xmpp:mam:2' default='never'><always><jid>a@b@c</jid></always></prefs>")]
    public async Task What_cannot_be_meant_is_refused(string prefs) => Assert.Equal(StanzaCondition.BadRequest, StanzaError.Of(await SetAsync(prefs)).Condition);

    [Fact]
    public async Task Lists_are_bounded_and_other_peoples_are_other_peoples()
    {
        _lab.Options.MaxPreferences = 1;
        Assert.Equal(StanzaCondition.ResourceConstraint, StanzaError.Of(await SetAsync(Prefs("always", never: "<jid>a@two.test</jid><jid>b@two.test</jid>"))).Condition);
        Assert.Equal("result", (await SetAsync(Prefs("always", never: "<jid>a@two.test</jid>"))).Type);
        Assert.Equal(StanzaCondition.Forbidden, StanzaError.Of(await GetAsync("ben@one.test/phone")).Condition);
    }

    [Theory]
    [InlineData("always", "", "", true)]
    [InlineData("never", "", "", false)]
    [InlineData("never", "<jid>ben@one.test</jid>", "", true)]
    [InlineData("never", "<jid>ben@one.test/phone</jid>", "", false)]
    [InlineData("always", "", "<jid>ben@one.test</jid>", false)]
    [InlineData("always", "<jid>ben@one.test</jid>", "<jid>ben@one.test</jid>", false)]
    [InlineData("roster", "", "", false)]
    public async Task Each_side_keeps_what_it_wants(string value, string always, string never, bool isKept)
    {
        await SetAsync(Prefs(value, always, never));
        await _lab.SendAsync(_lab.Phone, Message("ann@one.test/phone", Ben));
        Assert.Equal(isKept ? 1 : 0, (await _lab.BodiesAsync(Ann)).Count);
        Assert.Single(await _lab.BodiesAsync(Ben));
    }

    [Fact]
    public async Task By_the_roster_contacts_messages_are_kept_and_those_of_who_only_asked_to_be_one_are_not()
    {
        _lab.Options.Default = ArchiveDefault.Roster;
        var roster = _lab.Tables.Get<IRosterStore>();
        await roster.WriteAsync(Ann, new RosterItem(Ben, null, [], false, false, false, null), Ct);
        await roster.WriteAsync(Ann, new RosterItem(Eve, null, [], false, false, false, Xml("<presence type='subscribe'/>")), Ct);

        await _lab.SendAsync(_lab.Phone, Message("ann@one.test/phone", Ben));
        await _lab.SendAsync(_lab.Phone, Message("ann@one.test/phone", Ann, "<body>note</body>"));
        await _lab.ReceiveAsync(Message(Eve, Ann, "<body>spam</body>"));
        await _lab.ReceiveAsync(Message("dan@two.test", Ann, "<body>spam</body>"));

        Assert.Equal(["hi", "note"], await _lab.BodiesAsync(Ann));
        Assert.Empty(await _lab.BodiesAsync(Ben));
    }

    [Fact]
    public async Task A_removed_accounts_preferences_are_not_those_of_who_gets_its_name()
    {
        await SetAsync(Prefs("never"));
        var accounts = _lab.Tables.Get<Parley.Xmpp.Server.Storage.IAccountAdministration>();
        await accounts.RemoveAsync(Ann, Ct);
        await accounts.AddAsync(Ann, "another", Ct);
        _lab.Preferences.Removed(Ann);
        Assert.True(await _lab.Preferences.KeepsAsync(Ann, Ben, Ct));
    }
}
