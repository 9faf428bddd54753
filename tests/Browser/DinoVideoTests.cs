using Parley.tests.Lab;

namespace Parley.tests.Browser;

/// <summary>Debian's Dino with a camera.</summary>
public sealed class DinoVideoTests : CallTest
{
    [Fact]
    public async Task It_sees_whoever_speaks_and_is_seen()
    {
        Assert.SkipUnless(IsLong, "With PARLEY_LONG=1: Dino and two browsers.");
        var room = await StartAsync();
        // Silent: were Dan the one who speaks, he would see who spoke before.
        using var sound = await SoundCard.StartAsync(room.Namespace, null);
        using var dino = await DinoCaller.StartAsync(room, [sound.Variable, .. Camera.Variables("1010d0")]);
        try
        {
            var ann = await room.JoinAsync("Ann", script: Sound.Voice(400) + ColouredCamera.Script("#d01010"));
            await Sound.SpeakAsync(ann.Script, true);
            await dino.CallAsync(DinoCaller.Room, withVideo: true);
            await ann.SeesAsync(2, Join);
            await ColouredCamera.SeesAsync(ann, "blue", Join);
            await DinoCaller.SeesAsync(dino, "red", Join);

            var cem = await room.JoinAsync("Cem", script: Sound.Voice(650) + ColouredCamera.Script("#10c010"));
            await cem.SeesAsync(3, Join);
            await ColouredCamera.SeesAsync(cem, "blue", Join);
            await Sound.SpeakAsync(ann.Script, false);
            await Sound.SpeakAsync(cem.Script, true);
            await DinoCaller.SeesAsync(dino, "green", Join);
        }
        catch
        {
            dino.Show();
            throw;
        }
    }

    // It adds a content in which it alone sends, and shows what the other side asks to send in it.
    [Fact]
    public async Task It_turns_its_camera_on_in_a_call_by_voice()
    {
        Assert.SkipUnless(IsLong, "With PARLEY_LONG=1: Dino and a browser.");
        var room = await StartAsync();
        using var sound = await SoundCard.StartAsync(room.Namespace, 1000);
        using var dino = await DinoCaller.StartAsync(room, [sound.Variable, .. Camera.Variables("1010d0")]);
        try
        {
            var ann = await room.JoinAsync("Ann", script: Sound.Voice(400) + ColouredCamera.Script("#d01010"));
            await dino.CallAsync(DinoCaller.Room);
            await ann.SeesAsync(2, Join);

            await dino.TurnCameraOnAsync();
            await ColouredCamera.SeesAsync(ann, "blue", Join);
            await DinoCaller.SeesAsync(dino, "red", Join);
        }
        catch
        {
            dino.Show();
            throw;
        }
    }
}
