using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Parley.Plugins.TurnCredentials;

/// <summary>
/// What is known of accounts' existence, answered at once and refreshed behind: a TURN worker must not wait for a database. An account that was never looked up
/// counts as there, since its credentials carry this server's seal; a removed one is noticed at the first use after <see cref="FreshFor"/>.
/// </summary>
public sealed class AccountPresence
{
    /// <summary>How long an answer counts as fresh.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(30);

    /// <summary>The most accounts remembered.</summary>
    public const int MaxAccounts = 10_000;

    private readonly ConcurrentDictionary<string, Answer> _known = new();
    private readonly Channel<string> _wanted = Channel.CreateBounded<string>(new BoundedChannelOptions(1024) { SingleReader = true });

    /// <summary>The accounts to look up.</summary>
    public ChannelReader<string> Wanted => _wanted.Reader;

    /// <summary>Whether an account is known to be gone. Never waits.</summary>
    public bool IsGone(string account, DateTimeOffset now)
    {
        var known = _known.TryGetValue(account, out var answer);
        // Asked once per period: the time is set first, and only by whoever wins.
        if (known && now - answer.Asked < FreshFor) return answer.Gone;
        var next = new Answer(answer.Gone, now);
        var won = known ? _known.TryUpdate(account, next, answer) : HasRoom(now) && _known.TryAdd(account, next);
        if (won && !_wanted.Writer.TryWrite(account)) _known.TryRemove(account, out _); // full: ask again at the next use
        return answer.Gone;
    }

    /// <summary>Notes what a look-up found.</summary>
    public void Learn(string account, bool exists, DateTimeOffset now) => _known[account] = new Answer(!exists, now);

    private bool HasRoom(DateTimeOffset now)
    {
        if (_known.Count < MaxAccounts) return true;
        foreach (var (account, answer) in _known)
        {
            if (now - answer.Asked >= FreshFor) _known.TryRemove(account, out _);
        }

        return _known.Count < MaxAccounts;
    }

    private readonly record struct Answer(bool Gone, DateTimeOffset Asked);
}
