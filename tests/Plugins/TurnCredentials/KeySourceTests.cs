using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.TurnCredentials;
using Parley.Xmpp.Core.Addressing;

namespace Parley.tests.Plugins.TurnCredentials;

public sealed class KeySourceTests : IDisposable
{
    private const string Text = "a-secret-for-tests-only";
    private static readonly TurnSecret Secret = new(Text);
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private readonly ISessionDirectory _sessions = Substitute.For<ISessionDirectory>();
    private readonly AccountPresence _accounts = new();
    private readonly Scratch _scratch = new();
    private readonly IContributions<IGuestRooms> _rooms = Substitute.For<IContributions<IGuestRooms>>();

    private IssuedNames? _names;

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void What_was_issued_is_found_by_its_hash_until_it_expires()
    {
        var issued = Issue(Account("ann@example.org/phone"))!;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{issued.Username}:example.org"));
        Assert.Equal(issued.Username, Source(Text).FindName(hash));
        Assert.Null(Source(Text).FindName(SHA256.HashData("1800043200:somebody:example.org"u8)));
        Assert.Null(Source(Text).FindName(hash.AsSpan(0, 16)));

        _time.Advance(TimeSpan.FromHours(12));
        Issue(Account("ann@example.org/phone"));
        Assert.Null(Source(Text).FindName(hash));
        Assert.Equal(1, Names.Count);
    }

    [Fact]
    public void An_accounts_credentials_are_valid_until_they_expire()
    {
        var issued = Issue(Account("ann@example.org/phone"))!;
        Assert.Equal(_time.GetUtcNow().AddHours(12), issued.Expires);
        Assert.Equal(new TurnKey(TurnKeyState.Valid, issued.Password, "ann@example.org"), Find(issued.Username));
        _time.Advance(TimeSpan.FromHours(12) - TimeSpan.FromSeconds(1));
        Assert.Equal(TurnKeyState.Valid, Find(issued.Username).State);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TurnKeyState.Expired, Find(issued.Username).State);
    }

    [Fact]
    public void A_username_shows_no_address_and_never_repeats()
    {
        var (one, two) = (Issue(Account("ann@example.org/x"))!, Issue(Account("ann@example.org/x"))!);
        Assert.NotEqual(one.Username, two.Username);
        Assert.DoesNotContain("ann", one.Username, StringComparison.Ordinal);
        Assert.Matches("^1800043200:[A-Za-z0-9_-]+$", one.Username);
        Assert.Equal(Secret.PasswordOf(one.Username), one.Password);
    }

    [Fact]
    public void Credentials_outlive_a_restart_with_the_same_secret_and_not_another_one()
    {
        var issued = Issue(Account("ann@example.org/x"))!;
        Assert.Equal("ann@example.org", Source(Text).Find(issued.Username, _time.GetUtcNow()).Account);
        using var elsewhere = new Scratch();
        var other = new KeySource(Ring("another-secret-of-tests", elsewhere.Path), Names, _accounts, _sessions, _rooms).Find(issued.Username, _time.GetUtcNow());
        Assert.NotEqual(issued.Password, other.Password);
        Assert.NotEqual("ann@example.org", other.Account);
    }

    [Fact]
    public void Guests_are_marked_grouped_by_network_and_end_with_their_session()
    {
        _sessions.FindById("s1").Returns(new FakeSession("g@guest.example.org/x"));
        var issued = Issue(Guest("s1", "203.0.113.77"))!;
        Assert.Equal(new TurnKey(TurnKeyState.Valid, issued.Password, "guest:203.0.113.0/24", true), Find(issued.Username));
        _sessions.FindById("s1").Returns((ISession?)null);
        Assert.Equal(TurnKeyState.Expired, Find(issued.Username).State);
    }

    [Fact]
    public void A_guests_use_counts_in_its_room_too_once_it_is_in_one_and_an_accounts_never()
    {
        _sessions.FindById("s1").Returns(new FakeSession("g@guest.example.org/x"));
        var guest = Issue(Guest("s1", "203.0.113.77"))!;
        Assert.Null(Find(guest.Username).Room);
        var table = new Parley.Plugins.FocusAgent.Rooms.GuestRooms();
        _rooms.Items.Returns([table]);
        Assert.Null(Find(guest.Username).Room);
        table.Enter("g@guest.example.org/x", "tea@calls.example.org");
        table.Enter("ann@example.org/phone", "tea@calls.example.org");
        Assert.Equal(new TurnKey(TurnKeyState.Valid, guest.Password, "guest:203.0.113.0/24", true, "room:tea@calls.example.org"), Find(guest.Username));
        Assert.Null(Find(Issue(Account("ann@example.org/phone"))!.Username).Room);
        table.Leave("g@guest.example.org/x", "another@calls.example.org");
        Assert.NotNull(Find(guest.Username).Room);
        table.Leave("g@guest.example.org/x", "tea@calls.example.org");
        Assert.Null(Find(guest.Username).Room);
    }

    [Theory]
    [InlineData("203.0.113.77", "guest:203.0.113.0/24")]
    [InlineData("::ffff:203.0.113.77", "guest:203.0.113.0/24")]
    [InlineData("2001:470:1:2fe::9", "guest:2001:470:1:200::/56")]
    public void A_guests_group_is_its_network(string address, string group) => Assert.Equal(group, AddressGroup.Of(IPAddress.Parse(address)));

    [Fact]
    public void A_guest_without_session_gets_none_and_another_server_counts_as_one()
    {
        var remote = Issue(new ServiceRequester("eve@elsewhere.example/x", new SenderInfo(SenderKind.Remote), "example.org"))!;
        Assert.Equal("elsewhere.example", Find(remote.Username).Account);
        Assert.Null(Issue(new ServiceRequester("g@guest.example.org/x", new SenderInfo(SenderKind.Guest), "example.org")));
        Assert.Null(Issue(Account(new string('a', 1000) + "@example.org/x"))); // longer than a USERNAME may be
    }

    [Fact]
    public void The_longest_usernames_fit_the_attribute()
    {
        for (var length = 250; length < 400; length++)
        {
            if (Issue(Account($"{new string('a', length)}@example.org/x")) is not { } issued) return;
            Assert.True(issued.Username.Length <= 508);
            Assert.Equal(TurnKeyState.Valid, Find(issued.Username).State);
        }

        Assert.Fail("no length was refused");
    }

    [Fact]
    public void Nobody_can_lengthen_a_life_or_change_a_subject()
    {
        var issued = Issue(Account("ann@example.org/x"))!;
        var changed = new Random(7);
        for (var i = 0; i < 2000; i++)
        {
            var text = issued.Username.ToCharArray();
            text[changed.Next(text.Length)] = "0123456789:abcXYZ_-"[changed.Next(19)];
            var key = Find(new string(text));
            if (new string(text) != issued.Username && key.State == TurnKeyState.Valid) Assert.NotEqual(issued.Password, key.Password);
            if (new string(text) != issued.Username) Assert.NotEqual("ann@example.org", key.Account);
        }
    }

    [Fact]
    public void Holders_of_the_secret_may_name_themselves()
    {
        Assert.Equal(new TurnKey(TurnKeyState.Valid, Secret.PasswordOf("1800000001:u1"), "rest:u1"), Find("1800000001:u1"));
        Assert.Equal(TurnKeyState.Expired, Find("1800000000:u1").State);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ann")]
    [InlineData(":u1")]
    [InlineData("-5:u1")]
    [InlineData("99999999999999999999:u1")]
    [InlineData("1800000001 :u1")]
    public void What_has_no_expiry_is_unknown(string username) => Assert.Equal(TurnKeyState.Unknown, Find(username).State);

    [Fact]
    public void An_overlong_username_is_unknown() => Assert.Equal(TurnKeyState.Unknown, Find("1800000001:" + new string('x', 500)).State);

    [Fact]
    public async Task A_removed_account_is_refused_once_that_is_known()
    {
        var store = new EmptyStore();
        var issued = Issue(Account("ann@example.org/x"))!;
        Assert.Equal(TurnKeyState.Valid, Find(issued.Username).State); // never waits for the store

        using var refresher = new AccountRefresher(_accounts, store, _time, NullLogger<AccountRefresher>.Instance);
        await refresher.StartAsync(TestContext.Current.CancellationToken);
        await store.Asked.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await refresher.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(TurnKeyState.Expired, Find(issued.Username).State);
    }

    [Fact]
    public void An_account_is_looked_up_once_per_period_and_the_memory_is_bounded()
    {
        var now = _time.GetUtcNow();
        for (var i = 0; i < 5; i++) Assert.False(_accounts.IsGone("ann@example.org", now));
        Assert.Equal(1, _accounts.Wanted.Count);
        _accounts.IsGone("ann@example.org", now + AccountPresence.FreshFor);
        Assert.Equal(2, _accounts.Wanted.Count);
        for (var i = 0; i < 20_000; i++) _accounts.IsGone($"u{i}@example.org", now);
        Assert.True(_accounts.Wanted.Count <= 1024);
    }

    [Fact]
    public void A_lifetime_out_of_bounds_is_named()
    {
        Assert.Empty(TurnCredentialsOptions.Validate(new TurnCredentialsOptions()));
        Assert.StartsWith("Lifetime:", Assert.Single(TurnCredentialsOptions.Validate(new TurnCredentialsOptions { Lifetime = TimeSpan.Zero })), StringComparison.Ordinal);
        Assert.Single(TurnCredentialsOptions.Validate(new TurnCredentialsOptions { Lifetime = TimeSpan.FromDays(31) }));
    }

    private Parley.Plugin.Abstractions.TurnCredentials? Issue(ServiceRequester requester)
    {
        var options = Substitute.For<IOptionsMonitor<TurnCredentialsOptions>>();
        options.CurrentValue.Returns(new TurnCredentialsOptions());
        return new CredentialIssuer(Ring(Text, _scratch.Path), Names, options, _time).Issue(requester);
    }

    private KeySource Source(string secret) => new(Ring(secret, _scratch.Path), Names, _accounts, _sessions, _rooms);

    private IssuedNames Names
    {
        get
        {
            if (_names is not null) return _names;
            var server = Substitute.For<IServerInfo>();
            server.Domains.Returns(["example.org", "example.net"]);
            return _names = new IssuedNames(server, _time);
        }
    }

    private SecretRing Ring(string secret, string directory)
    {
        var server = Substitute.For<IServerInfo>();
        server.DataDirectory.Returns(directory);
        return new SecretRing(server, Microsoft.Extensions.Options.Options.Create(new TurnCredentialsOptions { Secret = secret }), _time);
    }

    private TurnKey Find(string username) => Source(Text).Find(username, _time.GetUtcNow());

    private static ServiceRequester Account(string jid) => new(jid, new SenderInfo(SenderKind.Account, "s0"), "example.org");

    private static ServiceRequester Guest(string session, string address) =>
        new("g@guest.example.org/x", new SenderInfo(SenderKind.Guest, session, IPAddress.Parse(address)), "example.org");

    private sealed class EmptyStore : IAccountStore
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => _asked.Task;

        public ValueTask<bool> ExistsAsync(Jid bare, CancellationToken ct = default)
        {
            _asked.TrySetResult();
            return new ValueTask<bool>(false);
        }
    }
}
