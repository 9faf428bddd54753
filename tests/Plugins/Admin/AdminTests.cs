using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Admin;
using Parley.Plugins.Admin.Commands;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.Admin;

/// <summary>The commands of XEP-0133.</summary>
public sealed class AdminTests
{
    private readonly IAccountManager _accounts = Substitute.For<IAccountManager>();
    private readonly List<FakeSession> _sessions = [];
    private readonly Dictionary<string, IServerCommand> _commands;

    public AdminTests()
    {
        _accounts.Sessions(default!).ReturnsForAnyArgs(_ => [.. _sessions]);
        _accounts.End(default!).ReturnsForAnyArgs(true);
        var admins = new Administrators(Options.Of(new AdminOptions { Accounts = { "boss@one.test" } }));
        IServerCommand[] all =
        [
            new AddUser(_accounts, admins, NullLogger<AddUser>.Instance), new DeleteUser(_accounts, admins, NullLogger<DeleteUser>.Instance),
            new ChangePassword(_accounts, admins, NullLogger<ChangePassword>.Instance), new EndSession(_accounts, admins, NullLogger<EndSession>.Instance),
            new Announce(_accounts, admins, NullLogger<Announce>.Instance), new OnlineUsers(_accounts, admins, NullLogger<OnlineUsers>.Instance),
            new OnlineNumber(_accounts, admins, NullLogger<OnlineNumber>.Instance), new RegisteredUsers(_accounts, admins, NullLogger<RegisteredUsers>.Instance),
            new RegisteredNumber(_accounts, admins, NullLogger<RegisteredNumber>.Instance),
        ];
        _commands = all.ToDictionary(c => c.Node["http://jabber.org/protocol/admin#".Length..]);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Only_whom_the_operator_named_sees_them()
    {
        Assert.All(_commands.Values, c => Assert.True(c.IsOpenTo("boss@one.test", "one.test") && c.IsOpenTo("boss@one.test", "two.test")));
        Assert.All(_commands.Values, c => Assert.False(c.IsOpenTo("ann@one.test", "one.test")));
        Assert.Equal("Accounts:0: must be an account, such as admin@example.org.", Assert.Single(AdminOptions.Validate(new AdminOptions { Accounts = { "one.test" } })));
    }

    [Fact]
    public async Task An_account_is_added_once()
    {
        _accounts.AddAsync("new@one.test", "secret", Arg.Any<CancellationToken>()).Returns(true, false);
        var form = Submit(("accountjid", "new@one.test"), ("password", "secret"), ("password-verify", "secret"));

        Assert.Null((await RunAsync("add-user", form)).Error);
        Assert.Equal(StanzaCondition.Conflict, (await RunAsync("add-user", form)).Error!.Condition);
        Assert.Equal(["accountjid", "password", "password-verify"], _commands["add-user"].Form("one.test")!.Fields.Where(f => f.IsRequired).Select(f => f.Name));
    }

    [Theory]
    [InlineData("add-user", "new@two.test", "secret", "secret", StanzaCondition.BadRequest)]
    [InlineData("add-user", "one.test", "secret", "secret", StanzaCondition.BadRequest)]
    [InlineData("add-user", "@", "secret", "secret", StanzaCondition.BadRequest)]
    [InlineData("add-user", "new@one.test", "secret", "other", StanzaCondition.BadRequest)]
    [InlineData("add-user", "new@one.test", "bad", "bad", StanzaCondition.NotAcceptable)]
    [InlineData("change-user-password", "new@one.test", "bad", "bad", StanzaCondition.NotAcceptable)]
    [InlineData("change-user-password", "new@one.test", "secret", "secret", StanzaCondition.ItemNotFound)]
    public async Task What_cannot_be_is_refused(string command, string jid, string password, string again, StanzaCondition condition)
    {
        _accounts.AddAsync(Arg.Any<Jid>(), "bad", Arg.Any<CancellationToken>()).Returns<bool>(_ => throw new ArgumentException("no"));
        _accounts.SetPasswordAsync(Arg.Any<Jid>(), "bad", Arg.Any<CancellationToken>()).Returns<bool>(_ => throw new ArgumentException("no"));

        Assert.Equal(condition, (await RunAsync(command, Submit(("accountjid", jid), ("password", password), ("password-verify", again)))).Error!.Condition);
    }

    [Fact]
    public async Task Accounts_are_removed_all_or_none_and_never_ones_own()
    {
        _accounts.RemoveAsync("ann@one.test", Arg.Any<CancellationToken>()).Returns(true);

        Assert.Equal(StanzaCondition.NotAllowed, (await RunAsync("delete-user", Many("accountjids", "ann@one.test", "boss@one.test"))).Error!.Condition);
        Assert.Equal(StanzaCondition.BadRequest, (await RunAsync("delete-user", Many("accountjids", "ann@one.test", "x@two.test"))).Error!.Condition);
        Assert.Equal(StanzaCondition.BadRequest, (await RunAsync("delete-user", new DataForm("submit"))).Error!.Condition);
        Assert.Empty(_accounts.ReceivedCalls().Where(c => c.GetMethodInfo().Name == "RemoveAsync").Skip(1)); // the one above that sets it up
        Assert.Equal(StanzaCondition.ItemNotFound, (await RunAsync("delete-user", Many("accountjids", "nobody@one.test"))).Error!.Condition);
        Assert.Equal("Removed 1 of 2.", (await RunAsync("delete-user", Many("accountjids", "ann@one.test", "nobody@one.test"))).Note);
    }

    [Fact]
    public async Task Sessions_are_ended_by_account_or_one_by_one()
    {
        var (phone, laptop, ben) = (Bind("ann@one.test/phone"), Bind("ann@one.test/laptop"), Bind("ben@one.test/b"));

        Assert.Equal("Ended 1.", (await RunAsync("end-user-session", Many("accountjids", "ann@one.test/phone"))).Note);
        _accounts.Received(1).End(phone.Id);
        Assert.Equal("Ended 2.", (await RunAsync("end-user-session", Many("accountjids", "ann@one.test"))).Note);
        _accounts.Received(1).End(laptop.Id);
        _accounts.DidNotReceive().End(ben.Id);
        Assert.Equal(StanzaCondition.ItemNotFound, (await RunAsync("end-user-session", Many("accountjids", "cid@one.test"))).Error!.Condition);
        Assert.Equal(StanzaCondition.BadRequest, (await RunAsync("end-user-session", Many("accountjids", "cid@two.test"))).Error!.Condition);
    }

    [Fact]
    public async Task An_announcement_reaches_who_is_here()
    {
        var (ann, absent) = (Bind("ann@one.test/a"), Bind("ben@one.test/b", isAvailable: false));

        var result = await RunAsync("announce", Many("announcement", "Back", "soon").Add("subject", "text-single", "Maintenance"));

        Assert.Equal("Sent to 1.", result.Note);
        var message = Assert.IsType<Message>(Assert.Single(ann.Take()));
        Assert.Equal(("one.test", "headline", "Back\nsoon"), (message.From!.ToString(), message.Type, message.Body));
        Assert.Empty(absent.Take());
        Assert.Equal(StanzaCondition.NotAcceptable, (await RunAsync("announce", new DataForm("submit"))).Error!.Condition);
        Assert.Equal(StanzaCondition.NotAcceptable, (await RunAsync("announce", Many("announcement", new string('x', 10_001)))).Error!.Condition);
    }

    [Fact]
    public async Task Who_is_there_is_counted_and_listed()
    {
        Bind("ann@one.test/phone");
        Bind("ann@one.test/laptop");
        Bind("ben@one.test/b");
        _accounts.ListAsync("one.test", Arg.Any<CancellationToken>()).Returns([.. Enumerable.Range(0, 1200).Select(i => Jid.Parse($"u{i}@one.test"))]);

        Assert.Equal("2", (await RunAsync("get-online-users-num")).Form!.Value("onlineusersnum"));
        Assert.Equal(["ann@one.test", "ben@one.test"], (await RunAsync("get-online-users-list")).Form!.Values("onlineuserjids"));
        Assert.Equal("1200", (await RunAsync("get-registered-users-num")).Form!.Value("registeredusersnum"));
        Assert.Equal(25, (await RunAsync("get-registered-users-list", Submit(("max_items", "25")))).Form!.Values("registereduserjids").Count);
        Assert.Equal(1000, (await RunAsync("get-registered-users-list", Submit(("max_items", "none")))).Form!.Values("registereduserjids").Count);
    }

    private FakeSession Bind(string full, bool isAvailable = true)
    {
        var session = new FakeSession(full) { Presence = isAvailable ? new Presence(new Element("presence", "jabber:client")) : null };
        _sessions.Add(session);
        return session;
    }

    private async Task<CommandResult> RunAsync(string command, DataForm? form = null) => await _commands[command].RunAsync(new CommandCall("boss@one.test/b", "one.test", form ?? new DataForm("submit")), Ct);

    private static DataForm Submit(params (string Name, string Value)[] fields)
    {
        var form = new DataForm("submit", "http://jabber.org/protocol/admin");
        foreach (var (name, value) in fields) form.Add(name, "text-single", value);
        return form;
    }

    private static DataForm Many(string name, params string[] values) => new DataForm("submit", "http://jabber.org/protocol/admin").Add(new FormField(name, "jid-multi", values));
}
