namespace Parley.tests.Browser;

/// <summary>As on a laptop: loopback and one interface, browsers as their users have them.</summary>
public sealed class LaptopTests : CallTest
{
    [Fact]
    public async Task Chromium_and_Firefox_meet_without_any_ICE_setting()
    {
        var room = await StartAsync();
        var firefox = await room.JoinWithFirefoxAsync("Fox");
        var chromium = await room.JoinAsync("Chrome", args: [Chromium.FakeDevices, Chromium.GrantDevices]);
        await firefox.SeesAsync(2, Join);
        await chromium.SeesAsync(2, Join);
        await firefox.ReceivesAsync(1, Join);
        await chromium.ReceivesAsync(1, Join);

        await Task.WhenAll(firefox.KeepsReceivingAsync(1, Watch), chromium.KeepsReceivingAsync(1, Watch));
    }
}
