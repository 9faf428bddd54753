using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>A disk that remembers what was written, and can fail or take its time.</summary>
internal sealed class FakeUnacknowledgedStore : IUnacknowledgedStore
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, UnacknowledgedMessage> _rows = [];
    private int _commits;

    /// <summary>What a write waits for.</summary>
    public Task Disk { get; set; } = Task.CompletedTask;

    /// <summary>What a write meets.</summary>
    public Exception? Fault { get; set; }

    /// <summary>How many commits there were.</summary>
    public int Commits => Volatile.Read(ref _commits);

    /// <summary>What is on the disk, in order.</summary>
    public IReadOnlyList<UnacknowledgedMessage> Rows
    {
        get
        {
            lock (_gate) return [.. _rows.Values];
        }
    }

    /// <summary>The ids of the messages on the disk.</summary>
    public IEnumerable<string?> Ids => Rows.Select(r => r.Message.Id);

    public ValueTask<long> FindLastAsync(CancellationToken ct) => new(Rows.Count == 0 ? 0 : Rows[^1].Id);

    public ValueTask<IReadOnlyList<UnacknowledgedMessage>> ReadAsync(long after, int limit, CancellationToken ct) => new([.. Rows.Where(r => r.Id > after).Take(limit)]);

    public async ValueTask ChangeAsync(IReadOnlyList<UnacknowledgedMessage> added, IReadOnlyList<long> removed, CancellationToken ct)
    {
        await Disk;
        if (Fault is { } fault) throw fault;
        lock (_gate)
        {
            foreach (var row in added) _rows.TryAdd(row.Id, row);
            foreach (var id in removed) _rows.Remove(id);
        }

        Interlocked.Increment(ref _commits);
    }
}
