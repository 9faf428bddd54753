using System.Data;
using System.Data.Common;
using System.Globalization;

namespace Parley.Plugins.Archive;

/// <summary>
/// A statement over rows of values, as many at once as there are: to a database server each statement is a round trip, and costs it more than the rows do.
/// Rows go in pieces of a few sizes, so that the database keeps what it made of each text. Not for two threads at once.
/// </summary>
internal sealed class RowStatement : IDisposable
{
    // In the process a call costs little, and a parameter more the more there are.
    private static readonly int[] Far = [64, 16, 4, 1], Near = [4, 1];

    private readonly DbConnection _connection;
    private readonly string _before, _after;
    private readonly DbType[] _columns;
    private readonly int[] _sizes;
    private readonly DbCommand?[] _commands;

    /// <summary>Makes it.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="before">The text before the rows, which are written as after <c>VALUES</c>.</param>
    /// <param name="after">The text behind them.</param>
    /// <param name="columns">What a row has.</param>
    public RowStatement(DbConnection connection, string before, string after, params DbType[] columns)
    {
        (_connection, _before, _after, _columns) = (connection, before, after, columns);
        // Those that take several statements in one breath are those where each is a round trip.
        _sizes = connection.CanCreateBatch ? Far : Near;
        _commands = new DbCommand?[_sizes.Length];
    }

    /// <summary>Runs it for all rows; returns how many it changed.</summary>
    public int Execute(IReadOnlyList<object?[]> rows)
    {
        var changed = 0;
        for (var at = 0; at < rows.Count;)
        {
            var command = Fill(rows, ref at);
            changed += command.ExecuteNonQuery();
        }

        return changed;
    }

    /// <summary>Runs it for all rows, and takes each row of what it finds.</summary>
    public void Read(IReadOnlyList<object?[]> rows, Action<DbDataReader> take)
    {
        for (var at = 0; at < rows.Count;)
        {
            using var found = Fill(rows, ref at).ExecuteReader();
            while (found.Read()) take(found);
        }
    }

    public void Dispose()
    {
        foreach (var command in _commands) command?.Dispose();
    }

    private DbCommand Fill(IReadOnlyList<object?[]> rows, ref int at)
    {
        var left = rows.Count - at;
        var size = Array.FindIndex(_sizes, s => s <= left);
        var command = _commands[size] ??= Make(_sizes[size]);
        for (var (parameter, end) = (0, at + _sizes[size]); at < end; at++)
        {
            foreach (var value in rows[at]) command.Parameters[parameter++].Value = value ?? DBNull.Value;
        }

        return command;
    }

    private DbCommand Make(int rows)
    {
        var command = _connection.CreateCommand();
        var names = new string[rows * _columns.Length];
        for (var i = 0; i < names.Length; i++)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.DbType) = (names[i] = string.Create(CultureInfo.InvariantCulture, $"@v{i}"), _columns[i % _columns.Length]);
            command.Parameters.Add(parameter);
        }

        command.CommandText = _before + string.Join(", ", names.Chunk(_columns.Length).Select(row => $"({string.Join(", ", row)})")) + _after;
        return command;
    }
}
