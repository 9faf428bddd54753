using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace Parley.Xmpp.Server.Storage;

/// <summary>
/// The writer's connection as one plugin sees it: the same object from one write to the next, until something that it wrote was undone. What it remembers of its rows it may
/// therefore keep by this object. The transaction is the queue's: nobody else begins one, and closing does nothing.
/// </summary>
internal sealed class LentConnection(DbConnection inner) : DbConnection
{
    /// <inheritdoc/>
    [AllowNull]
    public override string ConnectionString
    {
        get => inner.ConnectionString;
        set => throw new NotSupportedException("The connection is the server's.");
    }

    /// <inheritdoc/>
    public override string Database => inner.Database;

    /// <inheritdoc/>
    public override string DataSource => inner.DataSource;

    /// <inheritdoc/>
    public override string ServerVersion => inner.ServerVersion;

    /// <inheritdoc/>
    public override ConnectionState State => inner.State;

    /// <inheritdoc/>
    public override bool CanCreateBatch => inner.CanCreateBatch;

    /// <inheritdoc/>
    public override void ChangeDatabase(string databaseName) => throw new NotSupportedException("The connection is the server's.");

    /// <inheritdoc/>
    public override void Open()
    {
        // It is open.
    }

    /// <inheritdoc/>
    public override void Close()
    {
        // It goes on.
    }

    /// <inheritdoc/>
    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => throw new NotSupportedException("A write is a transaction already.");

    /// <inheritdoc/>
    protected override DbCommand CreateDbCommand() => inner.CreateCommand();

    /// <inheritdoc/>
    protected override DbBatch CreateDbBatch() => inner.CreateBatch();
}
