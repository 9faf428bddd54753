using Parley.tests.Lab;

namespace Parley.tests.Browser;

/// <summary>Debian's Dino before a room that does not let everybody in: it has no place for a password and no view of a lobby.</summary>
public sealed class DinoDoorTests : CallTest
{
    private const string Settings = "--Plugins:FocusAgent:Rooms:room:";

    [Fact]
    public async Task It_rings_in_the_lobby_until_it_is_let_in()
    {
        Assert.SkipUnless(IsLong, "With PARLEY_LONG=1: Dino and a browser.");
        var room = await StartAsync(Settings + "Lobby=true", Settings + "Moderators:0=ann@localhost");
        await CallAsync(room, async (dino, sound, ann) =>
        {
            await dino.CallAsync(DinoCaller.Room);
            await ann.Page.WaitForSelectorAsync("#knock:not([hidden]) :text('dan')");
            Assert.Single((await ann.ViewAsync()).Snapshot.Participants);
            Assert.Contains("<ringing", dino.Log, StringComparison.Ordinal);
            await ann.Page.ClickAsync("#knock-admit");
            await HearAsync(sound, ann);

            // Whoever was let in once is not asked again.
            await dino.HangUpAsync();
            await ann.SeesAsync(1, Seconds(10));
            await dino.CallAsync(DinoCaller.Room);
            await ann.SeesAsync(2, Join);
        });
    }

    [Fact]
    public async Task It_is_asked_for_the_password_by_message_and_gives_it_so()
    {
        Assert.SkipUnless(IsLong, "With PARLEY_LONG=1: Dino and a browser.");
        var room = await StartAsync(Settings + "Password=tea time", Settings + "Moderators:0=ann@localhost");
        await CallAsync(room, async (dino, sound, ann) =>
        {
            await dino.CallAsync(DinoCaller.Room);
            await dino.HasAsync(DinoCaller.Room, "This room has a password: send it here as a message, then call again.");
            Assert.Single((await ann.ViewAsync()).Snapshot.Participants);

            await dino.ReturnToChatAsync();
            await dino.SayAsync("coffee");
            await dino.HasAsync(DinoCaller.Room, "That is not the password of this room.");
            await dino.SayAsync("tea time");
            await dino.HasAsync(DinoCaller.Room, "Thank you. Call within 5 minutes.");
            await dino.CallAsync(DinoCaller.Room);
            await HearAsync(sound, ann);
        });
    }

    private static async Task CallAsync(CallRoom room, Func<DinoClient, SoundCard, Caller, Task> scene)
    {
        room.Server.AddUser("ann@localhost", DinoCaller.Password);
        using var sound = await SoundCard.StartAsync(room.Namespace, 1000);
        using var dino = await DinoCaller.StartAsync(room, sound.Variable);
        try
        {
            var ann = await room.SignInAsync("Ann", DinoCaller.Password, Sound.Tone(400));
            await ann.SeesAsync(1, Join);
            await scene(dino, sound, ann);
        }
        catch
        {
            dino.Show();
            throw;
        }
    }

    // One after the other, as in DinoCallTests.
    private static async Task HearAsync(SoundCard sound, Caller ann)
    {
        await ann.SeesAsync(2, Join);
        await Sound.HearsAsync(sound.LevelsAsync, "Dan", [400], [1000]);
        await ann.MuteAsync();
        await Sound.HearsAsync(ann.Script, "Ann", [1000], [400]);
    }
}
