using Parley.Plugins.FocusAgent.Signalling;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>What came of a wish to see something else.</summary>
public enum ViewResult
{
    /// <summary>It is seen from now on.</summary>
    Done,
    /// <summary>Nobody of that address is in the call with a client that takes one picture only.</summary>
    Absent,
    /// <summary>Pictures cannot be put together here.</summary>
    Impossible,
}

/// <summary>Takes what people with one-to-one clients say that they wish to see: by a command, or in words to the room, since most of these clients have no commands.</summary>
public sealed class ViewDesk(RoomRegistry rooms, FocusServices services)
{
    /// <summary>How a wish for whoever speaks is written.</summary>
    public const string Speaker = "speaker";

    /// <summary>How a wish for everybody in one picture is written.</summary>
    public const string Everybody = "everybody";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What is wished by a word; null by any other.</summary>
    public static MixedVideo? Read(string word) => word.ToLowerInvariant() switch { Speaker => MixedVideo.Speaker, Everybody => MixedVideo.Composed, _ => null };

    /// <summary>The word for what is seen.</summary>
    public static string Write(MixedVideo picture) => picture == MixedVideo.Composed ? Everybody : Speaker;

    /// <summary>What came of a wish, in words.</summary>
    public static string Sentence(ViewResult result, MixedVideo picture) => result switch
    {
        ViewResult.Absent => "You are not in this call with a client that shows one picture only.",
        ViewResult.Impossible => "Pictures cannot be put together here: you see whoever speaks.",
        _ => picture == MixedVideo.Composed ? "You see everybody in one picture now." : "You see whoever speaks now.",
    };

    /// <summary>What somebody sees in a room; null if they are not there with a client that this is about.</summary>
    public Task<MixedVideo?> AskAsync(Jid room, Jid who, CancellationToken ct) => DoAsync(room, r => r.ViewOf(who), null, ct);

    /// <summary>Lets somebody see something else in a room.</summary>
    public Task<ViewResult> ChooseAsync(Jid room, Jid who, MixedVideo picture, CancellationToken ct) => DoAsync(room, r => r.OnView(who, picture), ViewResult.Absent, ct);

    /// <summary>Takes what was written to a room.</summary>
    /// <returns>The answer; null for what is none of these words, or of nobody who is in the call.</returns>
    public async Task<Message?> TakeAsync(Message message, string words, CancellationToken ct)
    {
        if (words.Length > 32 || Read(words.Trim()) is not { } picture) return null;
        var result = await ChooseAsync(message.To!.Bare, message.From!, picture, ct);
        return result == ViewResult.Absent ? null : RoomMessages.Write(message.To, message.From!, Sentence(result, picture));
    }

    private async Task<T> DoAsync<T>(Jid room, Func<CallRoom, T> work, T otherwise, CancellationToken ct)
    {
        var said = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!await rooms.PostAsync(room, mayOpen: false, r => said.TrySetResult(work(r)), ct)) return otherwise;
        return await said.Task.WaitAsync(Patience, services.Clock, ct);
    }
}
