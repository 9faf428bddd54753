namespace Parley.tests.Browser;

/// <summary>Chromium as other one-to-one clients are: it sends and likes two channels, has VP9 alone, says nothing of how loud it is.</summary>
public sealed class OddCallerTests : CallTest
{
    private const string AudioLevel = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

    [Fact]
    public async Task Who_likes_two_channels_hears_left_and_right_apart_and_others_both_at_once()
    {
        var room = await StartAsync();
        await using var bob = await PersonAsync(room, "bob", Sound.Stereo(500, 800) + Offers.InStereo);
        await using var cem = await PersonAsync(room, "cem", Sound.Stereo(1200, 1700) + Offers.InStereo);
        await using var dan = await PersonAsync(room, "dan", Sound.Tone(2300));

        foreach (var person in new[] { bob, cem, dan }) await person.CallByVoiceAsync(Room, bundles: true);
        await ApartAsync(bob, "Bob", 1200, 1700);
        await ApartAsync(cem, "Cem", 500, 800);
        await Sound.HearsAsync(bob.Script, "Bob", [1200, 1700, 2300], [500, 800]);
        // In one channel nothing of either is missing.
        await Sound.HearsAsync(dan.Script, "Dan", [500, 800, 1200, 1700], [2300]);
    }

    [Fact]
    public async Task With_VP9_alone_and_without_levels_a_caller_sees_who_speaks_and_is_seen_when_speaking()
    {
        var room = await StartAsync();
        var ann = await room.JoinAsync("Ann", script: Sound.Voice(400) + ColouredCamera.Script("#d01010"));
        await using var bob = await PersonAsync(room, "bob", Sound.Voice(900) + ColouredCamera.Script("#1010d0") + Offers.Only("video/VP9") + Offers.Without(AudioLevel));
        await using var cem = await PersonAsync(room, "cem", Sound.Voice(1700) + ColouredCamera.Script("#10c010"));
        await ann.SeesAsync(1, Join);
        await bob.CallAsync(Room);
        await cem.CallAsync(Room);
        await ann.SeesAsync(3, Join);
        await ann.ReceivesAsync(2, Join);

        await Sound.SpeakAsync(ann.Script, true);
        foreach (var person in new[] { bob, cem }) await ColouredCamera.SeesAsync(person, Middle, ["red"], Join);
        await Sound.SpeakAsync(ann.Script, false);
        await Sound.SpeakAsync(cem.Script, true);
        await ColouredCamera.SeesAsync(bob, Middle, ["green"], Join);
        await Sound.SpeakAsync(cem.Script, false);
        // He says no level: it is measured that he speaks.
        Assert.False(await SaysLevelsAsync(bob));
        Assert.True(await SaysLevelsAsync(cem));
        await Sound.SpeakAsync(bob.Script, true);
        await ColouredCamera.SeesAsync(cem, Middle, ["blue"], Join);

        await UsesAsync(bob.Script, "video/VP9");
        await UsesAsync(cem.Script, "video/VP8");
        await UsesAsync(ann.Script, "video/VP8");
        await Task.WhenAll(bob.KeepsReceivingAsync(Seconds(4)), cem.KeepsReceivingAsync(Seconds(4)), ann.KeepsReceivingAsync(2, Seconds(4)));
    }

    private const string Room = "room@calls.localhost";

    private static (double, double)[] Middle => [(0.5, 0.25)];

    // Each tone is in its own ear and, but for what the codec smears, not in the other.
    private static async Task ApartAsync(JinglePerson person, string name, int left, int right)
    {
        const double There = -45, Apart = 20;
        var said = "";
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var (inLeft, inRight) = await Sound.ChannelsAsync(person.Script, left, right);
            if (inLeft[0] > There && inRight[1] > There && inRight[0] < inLeft[0] - Apart && inLeft[1] < inRight[1] - Apart) return;
            said = $"left {left} Hz at {inLeft[0]:0} dB and {right} Hz at {inLeft[1]:0} dB, right {inRight[0]:0} and {inRight[1]:0} dB";
        }

        Assert.Fail($"{name} hears {said}; expected {left} Hz left alone and {right} Hz right alone");
    }

    private static async Task UsesAsync(IPageScript page, string codec)
    {
        var (received, sent) = await Offers.CodecsAsync(page, codec.Split('/')[0]);
        Assert.Equal([codec], received);
        Assert.Equal([codec], sent);
    }

    private static async Task<bool> SaysLevelsAsync(JinglePerson person) => (await person.Script.EvaluateAsync(
        $"soundPeers.flatMap((p) => p.getSenders()).filter((s) => s.track?.kind === 'audio').some((s) => s.getParameters().headerExtensions.some((h) => h.uri === '{AudioLevel}'))")).GetBoolean();

    private static async Task<JinglePerson> PersonAsync(CallRoom room, string name, string script)
    {
        room.Server.AddUser($"{name}@localhost", "correct horse");
        var person = await JinglePerson.OpenAsync(room.Namespace, name, script);
        await person.LogInAsync("correct horse", "wss://localhost:5281/xmpp-websocket", "localhost");
        return person;
    }
}
