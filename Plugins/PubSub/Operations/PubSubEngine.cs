using System.Data.Common;
using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Delivery;
using Parley.Plugins.PubSub.Nodes;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.PubSub.Operations;

/// <summary>Runs operations, one change at a time for each service, so that everybody is told of changes in the order in which they were made.</summary>
internal sealed class PubSubEngine(IPluginDatabase database, IRosterStore rosters, IOptionsMonitor<PubSubOptions> options, TimeProvider time, Notifier notifier)
{
    private readonly AccountLocks _locks = new();

    /// <summary>Who asks for what where.</summary>
    public async ValueTask<Scene> SceneAsync(Service service, Jid from, SenderKind kind, CancellationToken ct)
    {
        if (!service.IsPersonal) return OfComponent(service, from, kind);
        if (from.Bare == service.Address) return Make(Relation.Owner, true);
        var item = await rosters.FindAsync(service.Address, from.Bare, ct);
        return Make(item is null ? Relation.Stranger : new Relation(false, item.SubscribedFrom, item.Groups), false);

        Scene Make(Relation relation, bool mayCreate) => new(service, from, relation, mayCreate, options.CurrentValue, time.GetUtcNow());
    }

    private Scene OfComponent(Service service, Jid from, SenderKind kind)
    {
        var limits = options.CurrentValue;
        var isAdmin = limits.IsAdmin(from);
        return new Scene(service, from, isAdmin ? Relation.Owner : Relation.Stranger, isAdmin || limits.MayCreate(kind), limits, time.GetUtcNow());
    }

    /// <summary>Runs an operation that changes nothing.</summary>
    public ValueTask<T> ReadAsync<T>(Func<DbConnection, T> operation, CancellationToken ct) => database.ReadAsync(operation, ct);

    /// <summary>Runs an operation that may change something; what comes of it is durable when this returns, and those concerned are being told.</summary>
    public async ValueTask<Outcome> WriteAsync(Scene scene, Func<DbConnection, Outcome> operation, CancellationToken ct)
    {
        using var turn = await _locks.EnterAsync(scene.Service.Address, ct);
        Outcome outcome;
        try
        {
            outcome = await database.WriteAsync(operation, ct);
        }
        catch (RefusedException e)
        {
            return e.Error;
        }

        notifier.Post(scene, outcome);
        return outcome;
    }
}
