namespace Parley.tests.Browser;

/// <summary>Chromium as a one-to-one client that has H.264 alone.</summary>
public sealed class H264CallTests : CallTest
{
    [Theory]
    [InlineData("Speaker")]
    [InlineData("Composed")]
    public async Task A_caller_with_H264_sees_and_is_seen(string view)
    {
        Assert.SkipUnless(view == "Speaker" || IsLong, "With PARLEY_LONG=1: the composed picture.");
        var room = await StartAsync("--Plugins:FocusAgent:MixedVideo", view);
        room.Server.AddUser("bob@localhost", "correct horse");
        var ann = await room.JoinAsync("Ann", script: Sound.Tone(400) + ColouredCamera.Script("#d01010"));
        await using var bob = await JinglePerson.OpenAsync(room.Namespace, "bob", Sound.Tone(900) + ColouredCamera.Script("#1010d0") + Offers.Only("video/H264"));
        await bob.LogInAsync("correct horse", "wss://localhost:5281/xmpp-websocket", "localhost");

        await bob.CallAsync("room@calls.localhost");

        await bob.ReceivesAsync(Join);
        if (view == "Speaker") await ColouredCamera.SeesAsync(bob, [(0.5, 0.25)], ["red"], Join);
        else await ColouredCamera.SeesAsync(bob, [(0.25, 0.4), (0.75, 0.4)], ["red", "blue"], Join);
        await ColouredCamera.SeesAsync(ann, "blue", Join);
        foreach (var (page, codec) in new[] { (bob.Script, "video/H264"), (ann.Script, "video/VP8") })
        {
            var (received, sent) = await Offers.CodecsAsync(page, "video");
            Assert.Equal((codec, codec), (Assert.Single(received), Assert.Single(sent)));
        }

        await Task.WhenAll(bob.KeepsReceivingAsync(Seconds(4)), ann.KeepsReceivingAsync(1, Seconds(4)));
    }
}
