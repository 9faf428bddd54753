using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins;

/// <summary>Nodes of accounts in memory, with observers that are told when the test says so.</summary>
internal sealed class PersonalNodes : IPersonalEvents, IContributions<IPersonalEvents>
{
    private readonly Dictionary<(Jid Account, string Node), List<PersonalItem>> _nodes = [];
    private readonly Queue<PersonalChange> _changes = new();

    /// <summary>Who is told of changes.</summary>
    public List<IPersonalEventObserver> Observers { get; } = [];

    /// <summary>Nodes that everybody may read; others only their owner.</summary>
    public HashSet<string> Open { get; } = [];

    /// <summary>What was done, in a few words.</summary>
    public List<string> Log { get; } = [];

    public IReadOnlyList<IPersonalEvents> Items => [this];

    public ValueTask<IReadOnlyList<PersonalItem>?> ReadAsync(Jid account, string node, Jid asker, CancellationToken ct = default) =>
        new(_nodes.TryGetValue((account, node), out var items) && (asker.Bare == account || Open.Contains(node)) ? [.. items] : null);

    public ValueTask<bool> PublishAsync(Jid account, string node, PersonalItem item, PersonalAccess? access = null, CancellationToken ct = default)
    {
        if (access is PersonalAccess.Private or PersonalAccess.PrivateList && Open.Contains(node)) return new(false);
        if (access == PersonalAccess.Open) Open.Add(node);
        Log.Add($"{node} {item.Id}");
        if (!_nodes.TryGetValue((account, node), out var items)) _nodes[(account, node)] = items = [];
        items.RemoveAll(i => i.Id == item.Id);
        items.Add(item);
        _changes.Enqueue(new PersonalChange(account, node, [item], []));
        return new(true);
    }

    public ValueTask<bool> RetractAsync(Jid account, string node, string item, CancellationToken ct = default)
    {
        Log.Add($"{node} -{item}");
        if (!_nodes.TryGetValue((account, node), out var items) || items.RemoveAll(i => i.Id == item) == 0) return new(false);
        _changes.Enqueue(new PersonalChange(account, node, [], [item]));
        return new(true);
    }

    /// <summary>Tells observers of what changed, and of what they change.</summary>
    public async Task SettleAsync()
    {
        while (_changes.TryDequeue(out var change))
        {
            foreach (var observer in Observers) await observer.ChangedAsync(change, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Reads XML.</summary>
    public static Element Xml(string xml) => XmlStreamParser.ForFrames(new XmlStreamLimits()).Advance(System.Text.Encoding.UTF8.GetBytes(xml), out _).Element!;
}
