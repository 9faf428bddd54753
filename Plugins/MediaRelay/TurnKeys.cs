using Parley.Media.Core.Turn;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.MediaRelay;

/// <summary>The users of the TURN server: whom any key source of this moment knows. Called on the workers' threads.</summary>
public sealed class TurnKeys(IContributions<ITurnKeySource> sources, TimeProvider time) : ITurnKeys
{
    /// <inheritdoc/>
    public TurnAccount? Find(string username)
    {
        foreach (var source in sources.Items)
        {
            var key = source.Find(username, time.GetUtcNow());
            if (key.State == TurnKeyState.Valid) return new TurnAccount(key.Password, key.Account, key.IsGuest, key.Room, key.FormerPasswords);
            if (key.State == TurnKeyState.Expired) return null;
        }

        return null;
    }

    /// <inheritdoc/>
    public string? FindName(ReadOnlySpan<byte> userhash)
    {
        foreach (var source in sources.Items)
        {
            if (source.FindName(userhash) is { } name) return name;
        }

        return null;
    }
}
