using System.Diagnostics;

namespace Parley.tests.Browser;

/// <summary>What happens to a person whose media or whose stream dies alone: media decides.</summary>
public sealed class ConnectionTests : CallTest
{
    private const int HttpPort = 5280;

    [Fact]
    public async Task One_whose_media_is_dropped_while_TCP_stays_is_gone_and_comes_back_with_the_network()
    {
        var room = await StartAsync();
        var all = await room.JoinAllAsync("", "Ann", "Bob");
        var (ann, bob) = (all[0], all[1]);
        await ann.ReceivesAsync(1, Join);
        await bob.ReceivesAsync(1, Join);

        bob.Gate.DropUdp();
        await ann.SeesAsync(1, Seconds(15));
        // Its page calls again and again meanwhile; without media nobody is shown a ghost.
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Seconds(20);)
        {
            Assert.Single((await ann.ViewAsync()).Tiles);
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }

        bob.Gate.Open();
        await ann.ReceivesAsync(1, Seconds(45));
        await bob.ReceivesAsync(1, Join);
    }

    [Theory]
    [InlineData("")]
    [InlineData("&ice=relay")]
    public async Task One_whose_stream_is_cut_while_media_flows_stays(string query)
    {
        var room = await StartAsync();
        var all = await room.JoinAllAsync(query, "Ann", "Bob");
        var (ann, bob) = (all[0], all[1]);
        await ann.ReceivesAsync(1, Join);
        await bob.ReceivesAsync(1, Join);
        var before = Assert.Single((await ann.ViewAsync()).Others);

        bob.Gate.ResetTcp(HttpPort);
        // Either side says something, and learns from it that the connection is gone.
        await ann.SayAsync("still there?");
        await bob.SayAsync("yes");
        await bob.UntilAsync("noticing", v => v.Snapshot.State == "reconnecting", Seconds(10));
        // Longer than a leg without media lives.
        await Task.WhenAll(ann.KeepsReceivingAsync(1, Seconds(IsLong ? 40 : 16)), bob.KeepsReceivingAsync(1, Seconds(16)));
        Assert.Equal(before.Id, Assert.Single((await ann.ViewAsync()).Others).Id);

        bob.Gate.Open();
        await bob.SeesAsync(2, Seconds(45));
        await bob.ReceivesAsync(1, Join);
        // The same person, who was never away.
        Assert.Equal(before.Id, Assert.Single((await ann.ViewAsync()).Others).Id);
        await ann.KeepsReceivingAsync(1, Seconds(4));
    }
}
