using System.Text;
using Microsoft.AspNetCore.Http;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Registration;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.Registration;

/// <summary>Invitations (XEP-0379, XEP-0401, XEP-0445).</summary>
public sealed class InviteTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static RegistrationOptions ByInvite => new() { Mode = RegistrationMode.Invite, Inviters = { "ann@one.test" }, InvitesPerAccount = 2, PerAddressPerHour = 100 };

    [Fact]
    public async Task An_invitation_lets_one_person_in()
    {
        await using var lab = await new RegistrationLab(ByInvite).StartAsync();
        var token = await lab.InviteAsync();
        var (first, second) = (RegistrationLab.Somebody(), RegistrationLab.Somebody());
        Assert.Equal(StanzaCondition.NotAllowed, await lab.RegisterAsync(first, "new"));
        Assert.Null(await lab.ShowAsync(first, token));
        Assert.Null(await lab.ShowAsync(second, token));
        // Showing it does not use it, neither does a name that is taken.
        Assert.Equal(StanzaCondition.Conflict, await lab.RegisterAsync(first, "ann"));

        Assert.Null(await lab.RegisterAsync(first, "new"));

        Assert.Equal(StanzaCondition.NotAllowed, await lab.RegisterAsync(second, "other"));
        Assert.Equal(StanzaCondition.NotAllowed, await lab.RegisterAsync(first, "more"));
        Assert.Equal(StanzaCondition.ItemNotFound, await lab.ShowAsync(second, token));
        Assert.False(await lab.ExistsAsync("other@one.test"));
    }

    [Fact]
    public async Task A_token_that_is_wrong_or_over_or_of_another_domain_is_not_found()
    {
        await using var lab = await new RegistrationLab(ByInvite).StartAsync();
        var token = await lab.InviteAsync();

        Assert.Equal(StanzaCondition.ItemNotFound, await lab.ShowAsync(RegistrationLab.Somebody(), "x"));
        Assert.Equal(StanzaCondition.ItemNotFound, await lab.ShowAsync(RegistrationLab.Somebody(), new string('A', 24)));
        Assert.Equal(StanzaCondition.ItemNotFound, await lab.ShowAsync(RegistrationLab.Somebody(domain: "two.test"), token));
        var early = RegistrationLab.Somebody();
        Assert.Null(await lab.ShowAsync(early, token));
        lab.Time.Advance(TimeSpan.FromDays(8));
        Assert.Equal(StanzaCondition.ItemNotFound, await lab.ShowAsync(RegistrationLab.Somebody(), token));
        // XEP-0445 section 5: the time counts when it is shown.
        Assert.Null(await lab.RegisterAsync(early, "early"));
    }

    [Fact]
    public async Task A_name_is_kept_for_whom_it_was_promised()
    {
        await using var lab = await new RegistrationLab(ByInvite).StartAsync();
        var (kept, other) = (RegistrationLab.Somebody(), RegistrationLab.Somebody());
        var token = await lab.InviteAsync(user: "Juliet");
        await lab.ShowAsync(kept, token);
        await lab.ShowAsync(other, await lab.InviteAsync());

        Assert.Equal(StanzaCondition.Conflict, await lab.RegisterAsync(other, "juliet"));
        Assert.Equal(StanzaCondition.Conflict, await lab.RegisterAsync(kept, "romeo"));
        Assert.Equal("juliet", (await lab.AskAsync(kept, "get", new Element("query", "jabber:iq:register")))!.Payload!.Child("username")!.Value);
        Assert.Equal("That name is taken.", (await lab.Maker.MakeAsync("one.test", null, false, "juliet", null, Ct)).Fault);
        Assert.Null(await lab.RegisterAsync(kept, "juliet"));
        Assert.Equal("That name is taken.", (await lab.Maker.MakeAsync("one.test", null, false, "juliet", null, Ct)).Fault);
    }

    [Fact]
    public async Task The_newcomer_and_who_invited_them_are_contacts()
    {
        await using var lab = await new RegistrationLab(ByInvite).StartAsync();
        var ann = lab.Bind("ann@one.test/a");
        var somebody = RegistrationLab.Somebody();
        await lab.ShowAsync(somebody, await lab.InviteAsync("ann@one.test"));

        await lab.RegisterAsync(somebody, "new");

        Assert.Equal("push new@one.test both", Assert.Single(ann.TakeWords()));
        Assert.True(await lab.Rosters.FindAsync("new@one.test", "ann@one.test", Ct) is { SubscribedFrom: true, SubscribedTo: true });
        Assert.True(await lab.Rosters.FindAsync("ann@one.test", "new@one.test", Ct) is { SubscribedFrom: true, SubscribedTo: true });
    }

    [Fact]
    public async Task Somebody_with_an_account_elsewhere_is_approved_by_the_token_once()
    {
        await using var lab = await new RegistrationLab(ByInvite).StartAsync();
        var ann = lab.Bind("ann@one.test/a");
        var token = await lab.InviteAsync("ann@one.test");
        async Task AskAsync(string from, string to = "ann@one.test")
        {
            var presence = new Presence(new Element("presence", "jabber:client").Attr("from", from).Attr("to", to).Attr("type", "subscribe").Add(new Element("preauth", "urn:xmpp:pars:0").Attr("token", token)));
            Assert.Equal(Interception.Continue, await lab.Subscriptions.OnPresenceAsync(presence, new StanzaContext(StanzaPoint.ToLocalAccount, new SenderInfo(SenderKind.Remote), "one.test"), Ct));
        }

        await AskAsync("cid@far.test", "ben@one.test"); // not whom it was given by
        Assert.Empty(ann.Take());
        await AskAsync("cid@far.test");

        Assert.Equal("push cid@far.test none ask approved", Assert.Single(ann.TakeWords()));
        Assert.Equal(("subscribe", "cid@far.test"), (Assert.Single(lab.Router.Take()) is var sent ? sent.Type : null, sent.To!.ToString()));
        Assert.True((await lab.Rosters.FindAsync("ann@one.test", "cid@far.test", Ct))!.PreApproved);
        await AskAsync("dan@far.test");
        Assert.Null(await lab.Rosters.FindAsync("ann@one.test", "dan@far.test", Ct));
    }

    [Fact]
    public async Task Accounts_that_may_invite_do_so_by_commands_up_to_their_bound()
    {
        await using var lab = await new RegistrationLab(ByInvite).StartAsync();
        var call = new CommandCall("ann@one.test/a", "one.test", new DataForm("submit"));
        Assert.All(lab.Commands, c => Assert.True(c.IsOpenTo("ann@one.test", "one.test")));
        Assert.All(lab.Commands, c => Assert.False(c.IsOpenTo("ben@one.test", "one.test") || c.IsOpenTo("ann@one.test", "two.test")));

        var contact = await lab.Commands[0].RunAsync(call, Ct);
        var account = await lab.Commands[1].RunAsync(call with { Form = new DataForm("submit").Add("username", "text-single", "juliet").Add("roster-subscription", true) }, Ct);

        Assert.Matches("^xmpp:ann@one\\.test\\?roster;preauth=[\\w-]{24};ibr=y$", contact.Form!.Value("uri"));
        Assert.Matches("^https://one\\.test/invite/[\\w-]{24}$", contact.Form.Value("landing-url"));
        Assert.Equal("2026-05-13T07:08:09Z", contact.Form.Value("expire"));
        Assert.StartsWith("xmpp:juliet@one.test?register;preauth=", account.Form!.Value("uri"), StringComparison.Ordinal);
        Assert.Equal(StanzaCondition.NotAcceptable, (await lab.Commands[0].RunAsync(call, Ct)).Error!.Condition);
        lab.Time.Advance(TimeSpan.FromDays(8));
        Assert.Null((await lab.Commands[0].RunAsync(call, Ct)).Error);
        lab.Settings.Mode = RegistrationMode.Closed;
        Assert.All(lab.Commands, c => Assert.False(c.IsOpenTo("ann@one.test", "one.test")));
    }

    [Fact]
    public async Task Invitations_to_an_account_are_counted_by_who_makes_them_contact_or_not_and_go_with_the_account()
    {
        await using var lab = await new RegistrationLab(ByInvite).StartAsync();
        Task<CommandResult> InviteAsync(string name) => lab.Commands[1].RunAsync(new CommandCall("ann@one.test/a", "one.test", new DataForm("submit").Add("username", "text-single", name)), Ct).AsTask();
        var first = await InviteAsync("juliet");
        Assert.Null((await InviteAsync("romeo")).Error);

        Assert.Equal(StanzaCondition.NotAcceptable, (await InviteAsync("paris")).Error?.Condition);

        Assert.NotNull((await lab.Maker.MakeAsync("one.test", null, false, "paris", null, Ct)).Invitation); // the operator's are others
        var (juliet, romeo) = (RegistrationLab.Somebody(), RegistrationLab.Somebody());
        Assert.Null(await lab.ShowAsync(juliet, RegistrationLab.TokenOf(first.Form!.Value("uri")!)));
        Assert.Null(await lab.RegisterAsync(juliet, "juliet"));
        Assert.Empty(await lab.Rosters.ReadAsync("ann@one.test", Ct));
        var third = await InviteAsync("tybalt");
        Assert.Null(third.Error);
        await lab.Accounts.RemoveAsync("ann@one.test", Ct);
        Assert.Equal(StanzaCondition.ItemNotFound, await lab.ShowAsync(romeo, RegistrationLab.TokenOf(third.Form!.Value("uri")!)));
    }

    [Fact]
    public async Task The_page_shows_the_invitation_and_does_not_use_it()
    {
        await using var lab = await new RegistrationLab(ByInvite).StartAsync();
        var token = await lab.InviteAsync("ann@one.test");

        var (status, html, headers) = await GetAsync(lab, "/" + token);

        Assert.Equal(200, status);
        Assert.Contains($"href=\"xmpp:ann@one.test?roster;preauth={token};ibr=y\"", html, StringComparison.Ordinal);
        Assert.Contains("<b>ann@one.test</b> would like", html, StringComparison.Ordinal);
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", headers.ContentSecurityPolicy.ToString(), StringComparison.Ordinal);
        Assert.Equal("no-store", headers.CacheControl);
        Assert.Null(await lab.ShowAsync(RegistrationLab.Somebody(), token));
        foreach (var path in (string[])["", "/", "/x", "/" + new string('A', 24), "/<script>"]) Assert.Equal(404, (await GetAsync(lab, path)).Status);
    }

    private static async Task<(int Status, string Html, IHeaderDictionary Headers)> GetAsync(RegistrationLab lab, string path)
    {
        var context = new DefaultHttpContext();
        (context.Request.Method, context.Request.Path, context.Response.Body) = ("GET", path, new MemoryStream());
        await lab.Page.HandleAsync(context);
        return (context.Response.StatusCode, Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray()), context.Response.Headers);
    }
}
