namespace Parley.tests.Browser;

/// <summary>People with one-to-one clients (npm's stanza) who call a room by voice and turn the camera on in the middle of it.</summary>
public sealed class CameraLaterTests : CallTest
{
    [Fact]
    public async Task A_call_by_voice_becomes_one_with_video_and_back_bundled_or_not()
    {
        var room = await StartAsync();
        // One after the other: a namespace makes one gate at a time.
        JinglePerson[] people = [await PersonAsync(room, "bob"), await PersonAsync(room, "dan")];
        try
        {
            var (bob, dan) = (people[0], people[1]);
            var ann = await room.JoinAsync("Ann");
            await Task.WhenAll(bob.CallByVoiceAsync("room@calls.localhost", bundles: true), dan.CallByVoiceAsync("room@calls.localhost", bundles: false));
            await ann.SeesAsync(3, Join);
            foreach (var person in people) await person.UntilAsync(Join, v => v is { Audio: > 0, Frames: 0 });

            foreach (var person in people)
            {
                await person.AddVideoAsync();
                await person.ReceivesAsync(Join);
            }

            await ann.ReceivesAsync(2, Join);
            await Task.WhenAll(bob.KeepsReceivingAsync(Seconds(4)), dan.KeepsReceivingAsync(Seconds(4)), ann.KeepsReceivingAsync(2, Seconds(4)));

            // Off again: the call goes on by voice, and the others see no picture any more.
            await dan.RemoveVideoAsync();
            await ann.UntilAsync("one picture", v => v.Others.Count(o => o.IsVideoOn) == 1, Join);
            var before = (await dan.ViewAsync()).Audio;
            await dan.UntilAsync(Join, v => v.Audio > before + 50);
            await ann.SeesAsync(3, Join);
        }
        finally
        {
            foreach (var person in people) await person.DisposeAsync();
        }
    }

    private static async Task<JinglePerson> PersonAsync(CallRoom room, string name)
    {
        room.Server.AddUser($"{name}@localhost", "correct horse");
        var person = await JinglePerson.OpenAsync(room.Namespace, name);
        await person.LogInAsync("correct horse", "wss://localhost:5281/xmpp-websocket", "localhost");
        return person;
    }
}
