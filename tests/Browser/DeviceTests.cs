namespace Parley.tests.Browser;

/// <summary>People who have less than a camera and a microphone join with what there is.</summary>
public sealed class DeviceTests : CallTest
{
    /// <summary>A camera that another program holds.</summary>
    private const string BusyCamera =
        """
        const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (wish) => {
          if (wish.video) throw new DOMException('Could not start video source', 'NotReadableError');
          return real(wish);
        };
        """;

    [Fact]
    public async Task Busy_missing_and_denied_devices_keep_nobody_out()
    {
        var room = await StartAsync();
        var ann = await room.JoinAsync("Ann");
        await ann.SeesAsync(1, Join);
        var busy = await room.JoinAsync("Busy", script: BusyCamera);
        await ann.UntilAsync("Busy's voice alone", v => v.Others.Any(p => p.Name == "Busy" && !p.IsVideoOn && !p.IsMuted && v.AudioPackets(p) > 0), Join);
        await busy.ReceivesAsync(1, Join);

        var none = await room.JoinAsync("None", args: [Chromium.AllowLoopback, Chromium.GrantDevices]);
        await ann.UntilAsync("None, silent and unseen", v => v.Others.Any(p => p.Name == "None" && !p.IsVideoOn && p.IsMuted), Join);
        await none.UntilAsync("Ann's picture and both voices", v => v.Others.Count() == 2 && v.Others.All(p => v.AudioPackets(p) > 0) && v.Others.Any(p => p.Name == "Ann" && v.Frames(p) > 0), Join);

        var denied = await room.JoinAsync("Denied", args: [Chromium.AllowLoopback, Chromium.FakeDevices, "--deny-permission-prompts"]);
        await ann.UntilAsync("Denied, silent and unseen", v => v.Others.Any(p => p.Name == "Denied" && !p.IsVideoOn && p.IsMuted), Join);
        await denied.UntilAsync("Ann's picture", v => v.Others.Any(p => p.Name == "Ann" && v.Frames(p) > 0 && v.AudioPackets(p) > 0), Join);
    }
}
