using Parley.Media.Control;
using Parley.Media.Relay.Conferences;

namespace Parley.Media.Relay;

/// <summary>Which worker is a conference's home. One that is new gets the worker with the least to do; it stays there while it lives.</summary>
internal sealed class ConferenceHomes(IReadOnlyList<Func<int>> loads, RelayLimits limits)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Home> _homes = [];
    private readonly int[] _counts = new int[loads.Count];
    private readonly HashSet<int> _closed = [];

    /// <summary>The home for one request, until <see cref="Leave"/>; null if the request ends a conference that there is not.</summary>
    /// <exception cref="MediaRelayException">There are too many conferences, or no worker is left.</exception>
    public int? Enter(ModifyConference request)
    {
        lock (_gate)
        {
            if (!_homes.TryGetValue(request.ConferenceId, out var home))
            {
                if (request.Expire) return null;
                if (_homes.Count >= limits.Conferences) throw RequestValidator.Limit($"There are {limits.Conferences} conferences already");
                if (_closed.Count == loads.Count) throw new MediaRelayException(RelayFault.Unavailable, "Every media worker has ended by a fault");
                var index = Enumerable.Range(0, loads.Count).Where(i => !_closed.Contains(i)).MinBy(i => loads[i]() + _counts[i]);
                _homes.Add(request.ConferenceId, home = new() { Worker = index });
                _counts[index]++;
            }

            home.Pending++;
            return home.Worker;
        }
    }

    /// <summary>A request was dealt with.</summary>
    /// <param name="id">The conference.</param>
    /// <param name="exists">Whether it is there now.</param>
    public void Leave(string id, bool exists)
    {
        lock (_gate)
        {
            if (!_homes.TryGetValue(id, out var home) || --home.Pending > 0 || exists) return;
            _homes.Remove(id);
            _counts[home.Worker]--;
        }
    }

    /// <summary>A conference has ended by itself. A request that is on its way to it makes it anew, and stays.</summary>
    public void Forget(string id)
    {
        lock (_gate)
        {
            if (!_homes.TryGetValue(id, out var home) || home.Pending > 0) return;
            _homes.Remove(id);
            _counts[home.Worker]--;
        }
    }

    /// <summary>A worker has ended: its conferences are nowhere, and no new one comes to it.</summary>
    public void Close(int worker)
    {
        lock (_gate)
        {
            _closed.Add(worker);
            foreach (var (id, home) in _homes)
            {
                if (home.Worker == worker) _homes.Remove(id);
            }
        }
    }

    private sealed class Home
    {
        public int Worker, Pending;
    }
}
