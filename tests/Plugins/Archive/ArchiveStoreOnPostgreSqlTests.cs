using Parley.Xmpp.Server.Configuration;

namespace Parley.tests.Plugins.Archive;

/// <summary>The same on PostgreSQL.</summary>
public sealed class ArchiveStoreOnPostgreSqlTests : ArchiveStoreTests
{
    protected override StorageProvider Provider => StorageProvider.PostgreSql;
}
