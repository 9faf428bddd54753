using Parley.Plugin.Abstractions;
using Parley.Plugins.Registration;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.Registration;

/// <summary>XEP-0077: who gets an account, and what its owner may do with it.</summary>
public sealed class RegistrationTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Where_it_is_open_whoever_comes_gets_an_account()
    {
        await using var lab = await new RegistrationLab(new RegistrationOptions { Mode = RegistrationMode.Open }).StartAsync();
        var somebody = RegistrationLab.Somebody();
        Assert.Equal(["http://jabber.org/features/iq-register", "urn:xmpp:ibr-token:0"], lab.Features(somebody));
        var form = (await lab.AskAsync(somebody, "get", new Element("query", "jabber:iq:register")))!;
        Assert.NotNull(form.Payload!.Child("username"));

        Assert.Null(await lab.RegisterAsync(somebody, "New"));

        Assert.True(await lab.ExistsAsync("new@one.test"));
        Assert.Equal(StanzaCondition.Conflict, await lab.RegisterAsync(somebody, "new"));
        Assert.Equal(StanzaCondition.Conflict, await lab.RegisterAsync(somebody, "ann"));
    }

    [Theory]
    [InlineData(RegistrationMode.Closed, true)]
    [InlineData(RegistrationMode.Open, false)]
    public async Task Closed_or_overheard_nothing_is_offered_and_nothing_done(RegistrationMode mode, bool isPrivate)
    {
        await using var lab = await new RegistrationLab(new RegistrationOptions { Mode = mode }).StartAsync();
        var somebody = RegistrationLab.Somebody(isPrivate: isPrivate);

        Assert.Empty(lab.Features(somebody));
        Assert.Equal(StanzaCondition.ServiceUnavailable, await lab.RegisterAsync(somebody, "new"));
        Assert.False(await lab.ExistsAsync("new@one.test"));
    }

    [Theory]
    [InlineData(null, "x")]
    [InlineData("new", null)]
    [InlineData("new", "")]
    [InlineData("a b", "x")]
    [InlineData("new", "a\u0007b")]
    public async Task What_is_no_account_is_not_acceptable(string? user, string? password)
    {
        await using var lab = await new RegistrationLab(new RegistrationOptions { Mode = RegistrationMode.Open }).StartAsync();

        Assert.Equal(StanzaCondition.NotAcceptable, await lab.RegisterAsync(RegistrationLab.Somebody(), user, password));
    }

    [Fact]
    public async Task What_is_no_registration_is_left_to_others()
    {
        await using var lab = await new RegistrationLab(new RegistrationOptions { Mode = RegistrationMode.Open }).StartAsync();

        Assert.Null(await lab.AskAsync(RegistrationLab.Somebody(), "get", new Element("query", "jabber:iq:auth")));
    }

    [Fact]
    public async Task One_address_makes_a_few_accounts_an_hour()
    {
        await using var lab = await new RegistrationLab(new RegistrationOptions { Mode = RegistrationMode.Open, PerAddressPerHour = 2 }).StartAsync();
        Assert.Null(await lab.RegisterAsync(RegistrationLab.Somebody("2001:db8::1"), "a"));
        Assert.Null(await lab.RegisterAsync(RegistrationLab.Somebody("2001:db8::2"), "b"));
        Assert.Equal(StanzaCondition.ResourceConstraint, await lab.RegisterAsync(RegistrationLab.Somebody("2001:db8::3"), "c"));
        Assert.Null(await lab.RegisterAsync(RegistrationLab.Somebody("2001:db8:0:1::3"), "d"));
        lab.Time.Advance(TimeSpan.FromMinutes(61));
        Assert.Null(await lab.RegisterAsync(RegistrationLab.Somebody("2001:db8::3"), "c"));
    }

    [Fact]
    public void Addresses_do_not_fill_the_memory()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var limits = new AddressLimits(Options.Of(new RegistrationOptions()), time);
        System.Net.IPAddress Address(int i) => new(System.BitConverter.GetBytes(i + 0x0a000000).Reverse().ToArray());
        for (var i = 0; i < AddressLimits.MaxAddresses; i++) Assert.True(limits.TryCount(Address(i)));

        Assert.False(limits.TryCount(Address(-1)));
        Assert.True(limits.TryCount(Address(0)));
        time.Advance(TimeSpan.FromHours(2));
        Assert.True(limits.TryCount(Address(-1)));
    }

    [Fact]
    public async Task An_owner_changes_the_password_and_nobody_elses()
    {
        await using var lab = await new RegistrationLab(new RegistrationOptions()).StartAsync();
        var ann = lab.Bind("ann@one.test/a");

        Assert.Null(await lab.SetAsync(ann, RegistrationLab.Query("Ann", "battery staple")));
        Assert.Equal("battery staple", lab.Accounts.LastPassword);
        Assert.Null(await lab.SetAsync(ann, RegistrationLab.Query("ann", "to myself"), to: null));
        Assert.Equal(StanzaCondition.NotAllowed, await lab.SetAsync(ann, RegistrationLab.Query("ben", "x")));
        Assert.Equal(StanzaCondition.BadRequest, await lab.SetAsync(ann, RegistrationLab.Query("ann", null)));
        Assert.Equal(StanzaCondition.NotAcceptable, await lab.SetAsync(ann, RegistrationLab.Query("ann", "a\u0007b")));
        Assert.Equal(StanzaCondition.Forbidden, await lab.SetAsync(ann, RegistrationLab.Query("ann", "x"), to: "ben@one.test"));
        Assert.Equal(StanzaCondition.Forbidden, await lab.SetAsync(new FakeSession("g@guest.one.test/g") { Kind = SenderKind.Guest }, RegistrationLab.Query("g", "x")));
    }

    [Fact]
    public async Task An_owner_removes_the_account_and_contacts_are_told()
    {
        await using var lab = await new RegistrationLab(new RegistrationOptions()).StartAsync();
        var ann = lab.Bind("ann@one.test/a");
        await lab.Rosters.WriteAsync("ann@one.test", new RosterItem("ben@far.test", "", [], true, true, false, null), Ct);
        Assert.Equal(StanzaCondition.BadRequest, await lab.SetAsync(ann, RegistrationLab.Query("ann", null).Add("remove")));
        Assert.True(await lab.ExistsAsync("ann@one.test"));

        Assert.Null(await lab.SetAsync(ann, new Element("query", "jabber:iq:register").Add("remove")));

        Assert.False(await lab.ExistsAsync("ann@one.test"));
        Assert.Equal(["unsubscribed", "unsubscribe"], lab.Router.Take().Select(s => s.Type));
    }
}
