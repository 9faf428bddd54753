using Microsoft.Extensions.Logging;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Muc.Service;

/// <summary>Tells the operator who does too much in rooms: each once a minute, and no more than a few of them. From any thread.</summary>
internal sealed class FloodLog(ILogger log, TimeProvider clock)
{
    /// <summary>How many are named in a minute.</summary>
    public const int MostNamed = 20;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly HashSet<(string What, Jid Account)> _told = [];
    private long _since = clock.GetTimestamp();
    private int _untold;

    /// <summary>An account did something too often.</summary>
    /// <param name="account">The account.</param>
    /// <param name="room">Where.</param>
    /// <param name="what">What, with the key that bounds it.</param>
    public void Tell(Jid account, Jid room, string what)
    {
        var untold = 0;
        lock (_gate)
        {
            if (clock.GetElapsedTime(_since) >= Window)
            {
                (untold, _untold) = (_untold, 0);
                _since = clock.GetTimestamp();
                _told.Clear();
            }

            if (_told.Contains((what, account)) || _told.Count >= MostNamed)
            {
                _untold++;
                return;
            }

            _told.Add((what, account));
        }

        if (untold > 0) log.LogWarning(281, "Limits of rooms were met {Count} times more", untold);
        log.LogWarning(280, "Limit met by {Account} in {Room}: {What}", account, room, what);
    }
}
