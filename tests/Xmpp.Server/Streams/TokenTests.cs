using Parley.Xmpp.Server.Storage;
using Parley.Xmpp.Server.Security;
using static Parley.tests.Xmpp.Server.Streams.Sasl2Client;

namespace Parley.tests.Xmpp.Server.Streams;

/// <summary>Tokens in place of passwords (XEP-0484) over sockets, with the real store.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private const string Request = "<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-NONE'/>";

    private readonly MovableTime _time = new();
    private StreamServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StreamServer.StartAsync(o => (o.Tokens, o.ChannelBinding, o.Time) = (true, true, _time));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_token_stands_for_the_password()
    {
        var token = Token(await LogInAsync(Request));
        Assert.Equal(43, token.Length);
        var success = await UseAsync(token, "<bind xmlns='urn:xmpp:bind:0'/>");
        Assert.StartsWith("ann@one.test/", Jid(success), StringComparison.Ordinal);
        Assert.Equal("", Token(success));
        Assert.Contains("<additional-data>", success, StringComparison.Ordinal);
        Assert.StartsWith("<success", await UseAsync(token), StringComparison.Ordinal);
        Assert.Contains("<not-authorized", await UseAsync(token + "x"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_offered_and_may_be_bound_to_the_certificate()
    {
        await using var client = await ConnectAsync();
        Assert.Contains("<fast xmlns='urn:xmpp:fast:0'><mechanism>HT-SHA-256-ENDP</mechanism><mechanism>HT-SHA-256-NONE</mechanism></fast>", await client.OpenAsync(), StringComparison.Ordinal);
        var token = Token(await PlainAsync(client, "<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-ENDP'/>"));
        var binding = TlsServerEndPoint.Of(_server.Certificates.Select()).ToArray();
        Assert.StartsWith("<success", await UseAsync(token, mechanism: "HT-SHA-256-ENDP", binding: binding), StringComparison.Ordinal);
        Assert.Contains("<not-authorized", await UseAsync(token, mechanism: "HT-SHA-256-ENDP", binding: new byte[32]), StringComparison.Ordinal);
        // A token is good for its own mechanism alone (section 3.3).
        Assert.Contains("<not-authorized", await UseAsync(token), StringComparison.Ordinal);
        Assert.Contains("<invalid-mechanism", await UseAsync(token, mechanism: "HT-SHA-256-EXPR"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("c4565fa7-4d72-4749-b3d3-740edbf87770")]
    public async Task Another_installation_cannot_use_it(string? installation)
    {
        var token = Token(await LogInAsync(Request));
        await using var client = await ConnectAsync();
        await client.OpenAsync();
        Assert.Contains("<not-authorized", await TokenAsync(client, token, installation: installation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Request, null)]
    [InlineData(Request, "not a uuid")]
    [InlineData("<request-token xmlns='urn:xmpp:fast:0' mechanism='X'/>", Installation)]
    [InlineData("<request-token xmlns='urn:xmpp:fast:0'/>", Installation)]
    public async Task Who_does_not_say_who_it_is_or_wants_what_there_is_not_gets_none(string request, string? installation)
    {
        await using var client = await ConnectAsync();
        await client.OpenAsync();
        var success = await PlainAsync(client, request, installation: installation);
        Assert.StartsWith("<success", success, StringComparison.Ordinal);
        Assert.Equal("", Token(success));
    }

    [Fact]
    public async Task It_is_replaced_when_it_is_a_day_old_and_the_old_one_counts_until_the_new_one_is_used()
    {
        var first = Token(await LogInAsync(Request));
        Assert.Equal("", Token(await UseAsync(first)));
        _time.Move(TimeSpan.FromDays(1.1));
        var lost = Token(await UseAsync(first));
        var second = Token(await UseAsync(first));
        Assert.NotEqual("", second);
        Assert.NotEqual(first, second);
        // Of two that were given and not used only the last counts.
        Assert.Contains("<not-authorized", await UseAsync(lost), StringComparison.Ordinal);
        Assert.StartsWith("<success", await UseAsync(first), StringComparison.Ordinal);
        Assert.Contains("<not-authorized", await UseAsync(second), StringComparison.Ordinal); // replaced once more by that
    }

    [Fact]
    public async Task Once_the_new_one_is_used_the_old_one_is_worth_nothing()
    {
        var first = Token(await LogInAsync(Request));
        await UseAsync(first);
        var second = Token(await UseAsync(first, Request));
        Assert.StartsWith("<success", await UseAsync(second), StringComparison.Ordinal);
        Assert.Contains("<not-authorized", await UseAsync(first), StringComparison.Ordinal);
        Assert.StartsWith("<success", await UseAsync(second), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_ends_in_time()
    {
        var token = Token(await LogInAsync(Request));
        _time.Move(TimeSpan.FromDays(21.1));
        Assert.Contains("<not-authorized", await UseAsync(token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_client_can_end_it()
    {
        var token = Token(await LogInAsync(Request));
        var last = await UseAsync(token, fast: " invalidate='true'");
        Assert.StartsWith("<success", last, StringComparison.Ordinal);
        Assert.Equal("", Token(last));
        Assert.Contains("<not-authorized", await UseAsync(token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_password_ends_all_of_them()
    {
        var token = Token(await LogInAsync(Request));
        await _server.Get<IAccountAdministration>().SetPasswordAsync("ann@one.test", "other", TestContext.Current.CancellationToken);
        Assert.Contains("<not-authorized", await UseAsync(token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_database_alone_gives_no_token_away()
    {
        var token = Token(await LogInAsync(Request));
        var tokens = _server.Get<ITokenStore>();
        Assert.Equal([token], (await tokens.FindAsync("ann@one.test", Installation, "HT-SHA-256-NONE", TestContext.Current.CancellationToken)).Select(t => t.Token));
        // Whoever has a copy of it, and makes tokens by another secret.
        var settings = Storage.TestStorage.Settings(Directory.CreateTempSubdirectory("parley-tokens-").FullName);
        var thief = new TokenStore(_server.Get<Database>(), settings, _time);
        Assert.NotEqual(token, (await thief.FindAsync("ann@one.test", Installation, "HT-SHA-256-NONE", TestContext.Current.CancellationToken)).Single().Token);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(settings.DataDirectory, TokenStore.SecretFile)));
        Directory.Delete(settings.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task An_account_has_tokens_for_so_many_clients_and_the_oldest_makes_room()
    {
        var tokens = _server.Get<ITokenStore>();
        var ct = TestContext.Current.CancellationToken;
        for (var i = 0; i <= TokenStore.ClientsPerAccount; i++)
        {
            await tokens.IssueAsync("ann@one.test", $"client{i}", "HT-SHA-256-NONE", ct);
            _time.Move(TimeSpan.FromSeconds(1));
        }

        Assert.Empty(await tokens.FindAsync("ann@one.test", "client0", "HT-SHA-256-NONE", ct));
        Assert.Single(await tokens.FindAsync("ann@one.test", "client1", "HT-SHA-256-NONE", ct));
        Assert.Single(await tokens.FindAsync("ann@one.test", $"client{TokenStore.ClientsPerAccount}", "HT-SHA-256-NONE", ct));
    }

    private async Task<string> LogInAsync(string inline)
    {
        await using var client = await ConnectAsync();
        await client.OpenAsync();
        return await PlainAsync(client, inline);
    }

    private async Task<string> UseAsync(string token, string inline = "", string mechanism = "HT-SHA-256-NONE", string fast = "", byte[]? binding = null)
    {
        await using var client = await ConnectAsync();
        await client.OpenAsync();
        return await TokenAsync(client, token, inline, mechanism, fast, binding);
    }

    private Task<TcpTestClient> ConnectAsync() => TcpTestClient.ConnectAsync(_server.TlsPort, tls: true);

    // The streams' timers run by the real clock; what is asked for the date is told another.
    private sealed class MovableTime : TimeProvider
    {
        private TimeSpan _ahead;

        public void Move(TimeSpan by) => _ahead += by;

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _ahead;
    }
}
