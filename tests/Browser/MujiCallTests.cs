using System.Text.RegularExpressions;
using Parley.tests.Lab;

namespace Parley.tests.Browser;

/// <summary>Debian's Dino holds group calls in a chat room (XEP-0272), each with each; here each has one session, with the conference (docs/legs/muji.md).</summary>
public sealed class MujiCallTests : CallTest
{
    private const string Password = "correct horse";
    private readonly List<Person> _people = [];
    private TeamRoom? _team;
    private Dictionary<string, string> _colours = [];

    [Fact]
    public async Task Three_hear_one_another_and_a_call_page_through_the_star()
    {
        Assert.SkipUnless(IsLong, "With PARLEY_LONG=1: three Dinos and a browser.");
        var room = await StartAsync();
        var people = await MeetAsync(room, ("dan", 1000), ("eve", 1300), ("fay", 1700));
        int[] tones = [1000, 1300, 1700];
        await TryAsync(people, async () =>
        {
            var call = await people[0].Dino.CallGroupAsync(TeamRoom.Address);
            foreach (var person in people.Skip(1)) await person.Dino.AcceptGroupCallAsync(TeamRoom.Address);
            var ann = await room.JoinAsync("Ann", script: Sound.Tone(400), room: call.Split('@')[0]);
            await ann.SeesAsync(4, Join);

            foreach (var person in people) await Sound.HearsAsync(person.Sound.LevelsAsync, person.Name, [400], []);
            await ann.MuteAsync(); // as in DinoCallTests: they take turns
            foreach (var (i, person) in people.Index()) await Sound.HearsAsync(person.Sound.LevelsAsync, person.Name, [.. tones.Where((_, t) => t != i)], [tones[i], 400]);
            await Sound.HearsAsync(ann.Script, "Ann", tones, [400]);
            // One session each, and of the others no word.
            foreach (var person in people)
            {
                Assert.Equal(1, Regex.Count(person.Dino.Log, "action='session-initiate'"));
                var announced = Regex.Matches(person.Dino.Log, $"<presence from='{call}/([^']+)'(?:(?!</presence>).)*<content ", RegexOptions.Singleline).Select(m => m.Groups[1].Value).Distinct().ToList();
                Assert.True(announced.Count == 2 && announced.Contains("Call"), string.Join(", ", announced)); // and the own one
            }

            await people[2].Dino.HangUpAsync();
            await ann.SeesAsync(3, Join);
            await Sound.HearsAsync(people[0].Sound.LevelsAsync, "dan", [1300], [1000, 1700]);
        });
    }

    [Fact]
    public async Task Three_with_cameras_see_one_another_through_the_star()
    {
        Assert.SkipUnless(IsLong, "With PARLEY_LONG=1: three Dinos.");
        var room = await StartAsync();
        _colours = new() { ["dan"] = "1010d0", ["eve"] = "10c010", ["fay"] = "d01010" };
        var people = await MeetAsync(room, ("dan", 1000), ("eve", 1300), ("fay", 1700));
        await TryAsync(people, async () =>
        {
            await people[0].Dino.CallGroupAsync(TeamRoom.Address, withVideo: true);
            foreach (var person in people.Skip(1)) await person.Dino.AcceptGroupCallAsync(TeamRoom.Address);
            // Whoever takes a call with video has the camera on. Nobody sees themselves, and all three talk, so that any of the others may be seen.
            await DinoCaller.SeesAsync(people[0].Dino, ["green", "red"], Join);
            await DinoCaller.SeesAsync(people[1].Dino, ["blue", "red"], Join);
            await DinoCaller.SeesAsync(people[2].Dino, ["blue", "green"], Join);
            foreach (var person in people) Assert.Equal(1, Regex.Count(person.Dino.Log, "action='session-initiate'"));
        });
    }

    [Fact]
    public async Task Where_the_mesh_is_wanted_they_call_one_another_as_ever()
    {
        Assert.SkipUnless(IsLong, "With PARLEY_LONG=1: two Dinos.");
        var room = await StartAsync("--Plugins:FocusAgent:Muji", "Mesh");
        var people = await MeetAsync(room, ("dan", 1000), ("eve", 1300));
        await TryAsync(people, async () =>
        {
            await people[0].Dino.CallGroupAsync(TeamRoom.Address);
            await people[1].Dino.AcceptGroupCallAsync(TeamRoom.Address);
            await Sound.HearsAsync(people[0].Sound.LevelsAsync, "dan", [1300], [1000]);
            await Sound.HearsAsync(people[1].Sound.LevelsAsync, "eve", [1000], [1300]);
            Assert.DoesNotContain("calls.localhost/focus", people[0].Dino.Log, StringComparison.Ordinal);
        });
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var person in _people)
        {
            person.Dino.Dispose();
            person.Sound.Dispose();
        }

        if (_team is not null) await _team.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    // Everybody in the chat room, with a microphone that sounds.
    private async Task<IReadOnlyList<Person>> MeetAsync(CallRoom room, params (string Name, int Hertz)[] people)
    {
        room.Namespace.Trust(room.Server.Certificate);
        foreach (var name in people.Select(p => p.Name).Append("olga")) room.Server.AddUser(name + "@localhost", Password);
        _team = await TeamRoom.MakeAsync(room.Namespace, Password, "olga", [.. people.Select(p => p.Name)]);
        foreach (var (name, hertz) in people)
        {
            var sound = await SoundCard.StartAsync(room.Namespace, hertz);
            _people.Add(new Person(name, sound, await DinoClient.StartAsync(room.Namespace, name + "@localhost", Password, [sound.Variable, .. _colours.TryGetValue(name, out var colour) ? Camera.Variables(colour) : []])));
            await _team.SeesAsync(name);
        }

        return _people;
    }

    private static async Task TryAsync(IReadOnlyList<Person> people, Func<Task> scene)
    {
        try
        {
            await scene();
        }
        catch
        {
            foreach (var person in people) person.Dino.Show(person.Name);
            throw;
        }
    }

    private sealed record Person(string Name, SoundCard Sound, DinoClient Dino);
}
