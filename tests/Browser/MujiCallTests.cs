using Parley.tests.Lab;

namespace Parley.tests.Browser;

/// <summary>Debian's Dino holds group calls in a chat room (XEP-0272), each with each; here each has one session, with the conference (docs/legs/muji.md).</summary>
public sealed class MujiCallTests : CallTest
{
    private const string Password = "correct horse";
    private readonly List<IDisposable> _machines = [];

    [Fact]
    public async Task Three_hear_one_another_and_a_call_page_through_the_star()
    {
        Assert.SkipUnless(IsLong, "With PARLEY_LONG=1: three Dinos and a browser.");
        var room = await StartAsync();
        room.Namespace.Trust(room.Server.Certificate);
        string[] names = ["dan", "eve", "fay"];
        int[] tones = [1000, 1300, 1700];
        foreach (var name in names.Append("olga")) room.Server.AddUser(name + "@localhost", Password);
        await using var team = await TeamRoom.MakeAsync(room.Namespace, Password, "olga", names);
        var people = new List<(string Name, SoundCard Sound, DinoClient Dino)>();
        try
        {
            foreach (var (name, hertz) in names.Zip(tones))
            {
                var sound = Keep(await SoundCard.StartAsync(room.Namespace, hertz));
                people.Add((name, sound, Keep(await DinoClient.StartAsync(room.Namespace, name + "@localhost", Password, sound.Variable))));
                await team.SeesAsync(name);
            }

            var call = await people[0].Dino.CallGroupAsync(TeamRoom.Address);
            foreach (var person in people.Skip(1)) await person.Dino.AcceptGroupCallAsync(TeamRoom.Address);
            var ann = await room.JoinAsync("Ann", script: Sound.Tone(400), room: call.Split('@')[0]);
            await ann.SeesAsync(4, Join);

            foreach (var (i, person) in people.Index()) await Sound.HearsAsync(person.Sound.LevelsAsync, person.Name, [400, .. tones.Where((_, t) => t != i)], [tones[i]]);
            await Sound.HearsAsync(ann.Script, "Ann", tones, [400]);
        }
        catch
        {
            foreach (var person in people) person.Dino.Show(person.Name);
            throw;
        }
        finally
        {
            _machines.Reverse();
            foreach (var machine in _machines) machine.Dispose();
        }
    }

    private T Keep<T>(T machine) where T : IDisposable
    {
        _machines.Add(machine);
        return machine;
    }
}
