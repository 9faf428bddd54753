using System.Data;
using System.Data.Common;
using System.Text;

namespace Parley.Xmpp.Server.Storage;

/// <summary>The statements that add and remove unacknowledged messages, kept on the one connection that the database writes with. Everything here runs inside a write.</summary>
internal sealed class UnacknowledgedWriter : IDisposable
{
    // So many by one statement, one by one what is left over: few ways to a database and back, and two statements for it to know.
    private const int Together = 32;

    private static readonly (string Name, DbType Type)[] RowParameters = [("i", DbType.Int64), ("a", DbType.String), ("r", DbType.Int64), ("s", DbType.Binary)];
    private readonly DbCommand _addOne, _addMany, _removeOne, _removeMany;

    /// <summary>Makes it for a connection.</summary>
    public UnacknowledgedWriter(DbConnection connection)
    {
        _addOne = Prepare(connection, Insert(1), RowParameters, 1);
        _addMany = Prepare(connection, Insert(Together), RowParameters, Together);
        _removeOne = Prepare(connection, Delete(1), RowParameters[..1], 1);
        _removeMany = Prepare(connection, Delete(Together), RowParameters[..1], Together);
    }

    /// <summary>Adds rows: number, account, time in Unix milliseconds, stanza. Those of accounts that are gone, and numbers that are there, are left out.</summary>
    public void Add(IReadOnlyList<object[]> rows) => Run(rows, _addOne, _addMany);

    /// <summary>Removes rows by their numbers.</summary>
    public void Remove(IReadOnlyList<long> numbers) => Run([.. numbers.Select(n => (object[])[n])], _removeOne, _removeMany);

    public void Dispose()
    {
        foreach (var command in (DbCommand[])[_addOne, _addMany, _removeOne, _removeMany]) command.Dispose();
    }

    private static void Run(IReadOnlyList<object[]> rows, DbCommand one, DbCommand many)
    {
        for (var at = 0; at < rows.Count;)
        {
            var count = rows.Count - at >= Together ? Together : 1;
            var command = count == 1 ? one : many;
            var next = 0;
            for (var i = 0; i < count; i++)
            {
                foreach (var value in rows[at + i]) command.Parameters[next++].Value = value;
            }

            command.ExecuteNonQuery();
            at += count;
        }
    }

    private static DbCommand Prepare(DbConnection connection, string sql, (string Name, DbType Type)[] parameters, int count)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < count; i++)
        {
            foreach (var (name, type) in parameters)
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.DbType) = ($"@{name}{i}", type);
                command.Parameters.Add(parameter);
            }
        }

        return command;
    }

    private static string Insert(int count)
    {
        var sql = new StringBuilder("INSERT INTO unacknowledged (id, account, received, stanza) SELECT came.column1, accounts.account, came.column3, came.column4 FROM (VALUES ");
        sql.AppendJoin(", ", Enumerable.Range(0, count).Select(i => $"(@i{i}, @a{i}, @r{i}, @s{i})"));
        return sql.Append(") AS came JOIN accounts ON accounts.account = came.column2 WHERE true ON CONFLICT (id) DO NOTHING").ToString();
    }

    private static string Delete(int count) => $"DELETE FROM unacknowledged WHERE id IN ({string.Join(", ", Enumerable.Range(0, count).Select(i => $"@i{i}"))})";
}
