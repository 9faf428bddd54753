using System.Security.Cryptography;
using System.Text;

namespace Parley.tests.Xmpp.Server.Streams.Bosh;

/// <summary>Sessions over HTTP whose client shows keys (XEP-0124 section 15).</summary>
public sealed class BoshKeyTests : IAsyncLifetime
{
    private const string Empty = "<body xmlns='http://jabber.org/protocol/httpbind'/>";
    private const string Gone = "type='terminate' condition='item-not-found'";

    private StreamServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StreamServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_client_with_keys_goes_from_one_to_the_next_and_to_another_sequence()
    {
        using var client = new BoshClient(_server.HttpPort);
        var keys = Sequence("seed", 4);
        await client.BeginAsync(attributes: $"wait='1' hold='1' newkey='{keys[4].ToUpperInvariant()}'");
        Assert.Equal(Empty, await client.SendAsync(attributes: $"key='{keys[3]}'"));
        Assert.Equal(Empty, await client.SendAsync(client.Rid, attributes: $"key='{keys[3]}'")); // not had: the same again
        var other = Sequence("another", 9);
        Assert.Equal(Empty, await client.SendAsync(attributes: $"key='{keys[2]}' newkey='{other[9]}'"));
        Assert.Equal(Empty, await client.SendAsync(attributes: $"key='{other[8]}'"));
        Assert.Contains(Gone, await client.SendAsync(attributes: $"key='{keys[1]}'"), StringComparison.Ordinal); // of the former sequence
    }

    [Theory]
    [InlineData("")]
    [InlineData("key='0000000000000000000000000000000000000000'")]
    [InlineData("key='x'")]
    [InlineData("newkey='0000000000000000000000000000000000000000'")]
    public async Task A_request_of_somebody_else_ends_the_session_unread(string attributes)
    {
        using var client = new BoshClient(_server.HttpPort);
        var keys = Sequence("seed", 4);
        await client.BeginAsync(attributes: $"wait='60' hold='1' newkey='{keys[4]}'");
        var held = client.SendAsync(attributes: $"key='{keys[3]}'");
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Contains(Gone, await client.SendAsync($"<auth xmlns='{ScramClient.Sasl}' mechanism='PLAIN'/>", attributes), StringComparison.Ordinal);
        Assert.Contains(Gone, await held, StringComparison.Ordinal);
        Assert.Contains(Gone, await client.SendAsync(attributes: $"key='{keys[2]}'"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_is_given_again_to_whoever_shows_the_same_key_alone()
    {
        using var client = new BoshClient(_server.HttpPort);
        var keys = Sequence("seed", 4);
        await client.BeginAsync(attributes: $"wait='1' hold='1' newkey='{keys[4]}'");
        Assert.Equal(Empty, await client.SendAsync(attributes: $"key='{keys[3]}'"));
        Assert.Contains(Gone, await client.SendAsync(client.Rid), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_key_that_is_none_begins_nothing_and_one_that_comes_later_counts_for_nothing()
    {
        using var client = new BoshClient(_server.HttpPort);
        Assert.Contains("condition='bad-request'", await client.BeginAsync(attributes: "newkey='x'"), StringComparison.Ordinal);
        await client.BeginAsync(attributes: "wait='1' hold='1'");
        Assert.Equal(Empty, await client.SendAsync(attributes: $"newkey='{Sequence("seed", 2)[2]}'"));
        Assert.Equal(Empty, await client.SendAsync());
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "The protocol says so.")]
    // Section 15.3, by its formula: K(0) stands for the seed.
    private static string[] Sequence(string seed, int length)
    {
        var keys = new string[length + 1];
        keys[0] = seed;
        for (var i = 1; i <= length; i++) keys[i] = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(keys[i - 1])));
        return keys;
    }
}
