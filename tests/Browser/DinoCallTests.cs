using Parley.tests.Lab;

namespace Parley.tests.Browser;

/// <summary>Debian's Dino, which knows calls between two people alone, calls a room that is among its contacts.</summary>
public sealed class DinoCallTests : CallTest
{
    private const string Dan = DinoCaller.Dan, Password = DinoCaller.Password, Room = DinoCaller.Room;

    [Fact]
    public async Task It_calls_a_room_and_hears_and_is_heard_by_the_call_pages()
    {
        Assert.SkipUnless(IsLong, "With PARLEY_LONG=1: Dino and two browsers.");
        var room = await StartAsync();
        using var sound = await SoundCard.StartAsync(room.Namespace, 1000);
        using var dino = await DinoCaller.StartAsync(room, sound.Variable);
        try
        {
            var pages = await Task.WhenAll(room.JoinAsync("Ann", script: Sound.Tone(400)), room.JoinAsync("Cem", script: Sound.Tone(650)));
            foreach (var page in pages) await page.SeesAsync(2, Join);

            await dino.CallAsync(Room);
            foreach (var page in pages) await page.SeesAsync(3, Join);
            await Sound.HearsAsync(sound.LevelsAsync, "Dan", [400, 650], [1000]);
            await Sound.HearsAsync(pages[0].Script, "Ann", [650], [400]);
            await Sound.HearsAsync(pages[1].Script, "Cem", [400], [650]);
            await ListenAsync(pages);
            foreach (var page in pages) await Sound.HearsAsync(page.Script, page.Name, [1000], [400, 650]);
            foreach (var page in pages) await page.MuteAsync();

            // Who comes and goes meanwhile is heard, or no more, without Dino knowing of it.
            await pages[1].HangUpAsync();
            await Sound.HearsAsync(sound.LevelsAsync, "Dan", [400], [650, 1000]);

            await dino.HangUpAsync();
            await pages[0].SeesAsync(1, Seconds(5));
            // And once more, as nothing of the first call must be in the way of the next.
            await dino.CallAsync(Room);
            await pages[0].SeesAsync(2, Join);
            await ListenAsync(pages[..1]);
            await Sound.HearsAsync(pages[0].Script, "Ann", [1000], [400]);
            await dino.HangUpAsync();
            await pages[0].SeesAsync(1, Seconds(5));
            Assert.Equal(0, dino.Quit());
        }
        catch
        {
            dino.Show();
            throw;
        }
    }

    [Fact]
    public async Task Two_call_a_room_with_three_call_pages_and_everybody_hears_everybody_else()
    {
        Assert.SkipUnless(IsLong, "With PARLEY_LONG=1: two Dinos and three browsers.");
        var room = await StartAsync();
        room.Namespace.Trust(room.Server.Certificate);
        foreach (var name in new[] { "dan", "eve" })
        {
            room.Server.AddUser(name + "@localhost", Password);
            await DinoCaller.AddContactAsync(room.Namespace, name);
        }

        int[] tones = [400, 550, 750, 1000, 1400];
        var pages = new List<Caller>();
        foreach (var (name, hertz) in new[] { "Ann", "Ben", "Cem" }.Zip(tones)) pages.Add(await room.JoinAsync(name, script: Sound.Tone(hertz)));
        using var dansSound = await SoundCard.StartAsync(room.Namespace, tones[3]);
        using var evesSound = await SoundCard.StartAsync(room.Namespace, tones[4]);
        using var dan = await DinoClient.StartAsync(room.Namespace, Dan, Password, dansSound.Variable);
        using var eve = await DinoClient.StartAsync(room.Namespace, "eve@localhost", Password, evesSound.Variable);
        try
        {
            await dan.CallAsync(Room);
            await eve.CallAsync(Room);
            foreach (var page in pages) await page.SeesAsync(5, Join);
            await Sound.HearsAsync(dansSound.LevelsAsync, "Dan", [400, 550, 750], [1000]);
            await Sound.HearsAsync(evesSound.LevelsAsync, "Eve", [400, 550, 750], [1400]);
            foreach (var (i, page) in pages.Index()) await Sound.HearsAsync(page.Script, page.Name, [.. tones[..3].Where((_, t) => t != i)], [tones[i]]);
            await ListenAsync(pages);
            // The pages first: they tell whose microphone it is where one Dino does not hear the other.
            foreach (var page in pages) await Sound.HearsAsync(page.Script, page.Name, [1000, 1400], [400, 550, 750]);
            await Sound.HearsAsync(dansSound.LevelsAsync, "Dan", [1400], [400, 550, 750, 1000]);
            await Sound.HearsAsync(evesSound.LevelsAsync, "Eve", [1000], [400, 550, 750, 1400]);
        }
        catch
        {
            dan.Show("dan");
            eve.Show("eve");
            throw;
        }
    }

    // Dino's echo canceller takes the microphone's steady tone for an echo where three others are played to it, and leaves nothing of it: measured with its library alone (docs/legs/mixed.md). Once they stop
    // it is there again within a second. People take turns; so do these.
    private static async Task ListenAsync(IEnumerable<Caller> pages)
    {
        foreach (var page in pages) await page.MuteAsync();
    }
}
