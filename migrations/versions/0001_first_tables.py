"""First tables"""

import uuid

import sqlalchemy as sa
from alembic import op

import experiments.storage.tables
from experiments.storage.views import create_views, drop_views


revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('configuration',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('ledger_identity', sa.String(length=36), nullable=False),
    sa.Column('identity_fingerprint', sa.String(length=32), nullable=True),
    sa.CheckConstraint('id = 1', name=op.f('ck_configuration_single_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_configuration'))
    )
    op.create_table('projects',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('time_zone', sa.String(length=64), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('retention_days', sa.Integer(), nullable=True),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("language in ('ko', 'en')", name=op.f('ck_projects_language')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_projects')),
    sa.UniqueConstraint('key', name=op.f('uq_projects_key'))
    )
    op.create_table('users',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=320), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=True),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('disabled_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_users')),
    sa.UniqueConstraint('email', name=op.f('uq_users_email'))
    )
    op.create_table('api_keys',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('secret_hash', sa.String(length=64), nullable=True),
    sa.Column('scopes', sa.JSON(), nullable=False),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(kind = 'secret') = (secret_hash is not null)", name=op.f('ck_api_keys_secret_hashed')),
    sa.CheckConstraint("kind in ('client', 'secret')", name=op.f('ck_api_keys_kind')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_api_keys_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_keys')),
    sa.UniqueConstraint('public_id', name=op.f('uq_api_keys_public_id'))
    )
    op.create_table('audit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=True),
    sa.Column('at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('action', sa.String(length=64), nullable=False),
    sa.Column('object_type', sa.String(length=32), nullable=False),
    sa.Column('object_key', sa.Text(), nullable=False),
    sa.Column('before', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('after', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('request_id', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_audit_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit'))
    )
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index('ix_audit_project_id_object', ['project_id', 'object_type', 'object_key'], unique=False)

    op.create_table('experiments',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('draft', sa.JSON(), nullable=False),
    sa.Column('kpi_versions', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('updated_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('started_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('stopped_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('decision', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('slots_released_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('draft', 'scheduled', 'running', 'paused', 'stopped', 'decided', 'archived')", name=op.f('ck_experiments_state')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_experiments_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_experiments')),
    sa.UniqueConstraint('project_id', 'key', name=op.f('uq_experiments_project_id_key'))
    )
    op.create_table('imports',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('file_sha256', sa.String(length=64), nullable=False),
    sa.Column('file_bytes', sa.BigInteger(), nullable=False),
    sa.Column('mapping', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('rows_read', sa.BigInteger(), nullable=False),
    sa.Column('bytes_read', sa.BigInteger(), nullable=False),
    sa.Column('accepted', sa.BigInteger(), nullable=False),
    sa.Column('duplicates', sa.BigInteger(), nullable=False),
    sa.Column('conflicts', sa.BigInteger(), nullable=False),
    sa.Column('rejected', sa.BigInteger(), nullable=False),
    sa.Column('rejects', sa.JSON(), nullable=False),
    sa.Column('failure', sa.Text(), nullable=True),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('finished_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_by', sa.Text(), nullable=True),
    sa.Column('withdrawn_because', sa.Text(), nullable=True),
    sa.Column('withdrawn_rows', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("state in ('waiting', 'running', 'paused', 'done', 'failed', 'withdrawing', 'withdrawn')", name=op.f('ck_imports_state')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_imports_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_imports'))
    )
    op.create_table('kpis',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_kpis_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kpis')),
    sa.UniqueConstraint('project_id', 'key', name=op.f('uq_kpis_project_id_key'))
    )
    op.create_table('memberships',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(length=16), nullable=False),
    sa.CheckConstraint("role in ('admin', 'marketer', 'analyst', 'viewer')", name=op.f('ck_memberships_role')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_memberships_project_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_memberships_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'project_id', name=op.f('pk_memberships'))
    )
    op.create_table('sign_ins',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_sign_ins_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_ins')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_sign_ins_token_hash'))
    )
    op.create_table('kpi_versions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kpi_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('document', sa.JSON(), nullable=False),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('approved_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('approved_by', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['kpi_id'], ['kpis.id'], name=op.f('fk_kpi_versions_kpi_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kpi_versions')),
    sa.UniqueConstraint('kpi_id', 'version', name=op.f('uq_kpi_versions_kpi_id_version'))
    )
    op.create_table('ledger',
    sa.Column('position', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.String(length=256), nullable=False),
    sa.Column('digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('fact', sa.String(length=16), nullable=False),
    sa.Column('unit_id', sa.String(length=1024), nullable=True),
    sa.Column('alias', sa.String(length=1040), nullable=True),
    sa.Column('type', sa.String(length=64), nullable=False),
    sa.Column('occurred_at', sa.BigInteger(), nullable=False),
    sa.Column('received_at', sa.BigInteger(), nullable=False),
    sa.Column('channel', sa.String(length=32), nullable=True),
    sa.Column('experiment_id', sa.Integer(), nullable=True),
    sa.Column('variant', sa.String(length=64), nullable=True),
    sa.Column('expected_variant', sa.String(length=64), nullable=True),
    sa.Column('suppressed_reason', sa.String(length=32), nullable=True),
    sa.Column('value', sa.BigInteger(), nullable=True),
    sa.Column('currency', sa.String(length=3), nullable=True),
    sa.Column('machine', sa.Boolean(), nullable=False),
    sa.Column('properties', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('import_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("case fact when 'withdrawal' then unit_id is null and alias is null when 'alias' then unit_id is not null and alias is not null else (unit_id is null) <> (alias is null) end", name=op.f('ck_ledger_customer')),
    sa.CheckConstraint("fact <> 'exposure' or (experiment_id is not null and variant is not null)", name=op.f('ck_ledger_exposure_complete')),
    sa.CheckConstraint("fact in ('exposure', 'event', 'alias', 'withdrawal')", name=op.f('ck_ledger_fact')),
    sa.ForeignKeyConstraint(['experiment_id'], ['experiments.id'], name=op.f('fk_ledger_experiment_id')),
    sa.PrimaryKeyConstraint('position', name=op.f('pk_ledger')),
    sa.UniqueConstraint('project_id', 'source_id', name=op.f('uq_ledger_project_id_source_id')),
    sqlite_autoincrement=True
    )
    op.create_table('phases',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('experiment_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('seed', sa.Text(), nullable=False),
    sa.Column('ranges', sa.JSON(), nullable=False),
    sa.Column('weights', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('coverage', sa.String(length=40), nullable=True),
    sa.Column('condition', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('holdouts', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('started_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ended_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['experiment_id'], ['experiments.id'], name=op.f('fk_phases_experiment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_phases')),
    sa.UniqueConstraint('experiment_id', 'number', name=op.f('uq_phases_experiment_id_number'))
    )
    op.create_table('batches',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('experiment_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('method', sa.String(length=16), nullable=False),
    sa.Column('floor', sa.String(length=40), nullable=False),
    sa.Column('propensities', sa.JSON(), nullable=False),
    sa.Column('best', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('units', sa.JSON(), nullable=False),
    sa.Column('stayed', sa.String(length=32), nullable=True),
    sa.Column('as_of', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ledger_position', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['experiment_id'], ['experiments.id'], name=op.f('fk_batches_experiment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_batches')),
    sa.UniqueConstraint('experiment_id', 'number', name=op.f('uq_batches_experiment_id_number'))
    )
    op.create_table('layers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('seed', sa.Text(), nullable=False),
    sa.Column('hash_attribute', sa.String(length=64), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_layers_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_layers')),
    sa.UniqueConstraint('project_id', 'key', name=op.f('uq_layers_project_id_key'))
    )
    op.create_table('holdouts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('buckets', sa.Integer(), nullable=False),
    sa.Column('seed', sa.Text(), nullable=False),
    sa.Column('layer_id', sa.Integer(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ended_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint('buckets between 1 and 5000', name=op.f('ck_holdouts_buckets')),
    sa.ForeignKeyConstraint(['layer_id'], ['layers.id'], name=op.f('fk_holdouts_layer_id')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_holdouts_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_holdouts')),
    sa.UniqueConstraint('project_id', 'key', name=op.f('uq_holdouts_project_id_key'))
    )
    op.create_table('saved_segments',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('condition', sa.JSON(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_saved_segments_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_segments')),
    sa.UniqueConstraint('project_id', 'key', name=op.f('uq_saved_segments_project_id_key'))
    )
    op.create_table('unit_lists',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=128), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('experiment_id', sa.Integer(), nullable=True),
    sa.Column('computed_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('members', sa.BigInteger(), nullable=False),
    sa.Column('checksum', sa.LargeBinary(length=16), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(experiment_id is not null) = (kind in ('capped', 'cooling'))", name=op.f('ck_unit_lists_computed')),
    sa.CheckConstraint("kind in ('suppression', 'consent', 'test', 'capped', 'cooling')", name=op.f('ck_unit_lists_kind')),
    sa.ForeignKeyConstraint(['experiment_id'], ['experiments.id'], name=op.f('fk_unit_lists_experiment_id')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_unit_lists_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit_lists')),
    sa.UniqueConstraint('project_id', 'key', name=op.f('uq_unit_lists_project_id_key'))
    )
    op.create_table('unit_list_parts',
    sa.Column('list_id', sa.Integer(), nullable=False),
    sa.Column('first', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('digests', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['list_id'], ['unit_lists.id'], name=op.f('fk_unit_list_parts_list_id')),
    sa.PrimaryKeyConstraint('list_id', 'first', name=op.f('pk_unit_list_parts'))
    )
    op.create_table('sending_rules',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('rules', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_sending_rules_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sending_rules')),
    sa.UniqueConstraint('project_id', 'revision', name=op.f('uq_sending_rules_project_id_revision'))
    )
    op.create_table('overrides',
    sa.Column('experiment_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.String(length=1024), nullable=False),
    sa.Column('variant', sa.String(length=64), nullable=False),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['experiment_id'], ['experiments.id'], name=op.f('fk_overrides_experiment_id')),
    sa.PrimaryKeyConstraint('experiment_id', 'unit_id', name=op.f('pk_overrides'))
    )
    op.create_table('inbound_webhooks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('source', sa.String(length=32), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('settings', sa.JSON(), nullable=False),
    sa.Column('pending', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_inbound_webhooks_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbound_webhooks')),
    sa.UniqueConstraint('public_id', name=op.f('uq_inbound_webhooks_public_id')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_inbound_webhooks_token_hash'))
    )
    op.create_table('repeats',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('fact', sa.String(length=16), nullable=False),
    sa.Column('type', sa.String(length=64), nullable=False),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.Column('visible_from', sa.BigInteger(), nullable=False),
    sa.Column('count', sa.BigInteger(), nullable=False),
    sa.Column('import_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("outcome in ('duplicate', 'conflict', 'erased')", name=op.f('ck_repeats_outcome')),
    sa.ForeignKeyConstraint(['import_id'], ['imports.id'], name=op.f('fk_repeats_import_id')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_repeats_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_repeats'))
    )
    op.create_table('shadows',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.String(length=256), nullable=False),
    sa.Column('standing_import_id', sa.Integer(), nullable=False),
    sa.Column('import_id', sa.Integer(), nullable=True),
    sa.Column('received_at', sa.BigInteger(), nullable=False),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.Column('unit_id', sa.String(length=1024), nullable=True),
    sa.Column('alias', sa.String(length=1040), nullable=True),
    sa.Column('fact_row', sa.JSON(), nullable=False),
    sa.CheckConstraint("outcome in ('duplicate', 'conflict')", name=op.f('ck_shadows_outcome')),
    sa.ForeignKeyConstraint(['import_id'], ['imports.id'], name=op.f('fk_shadows_import_id')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_shadows_project_id')),
    sa.ForeignKeyConstraint(['standing_import_id'], ['imports.id'], name=op.f('fk_shadows_standing_import_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shadows'))
    )
    op.create_table('erasures',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('tombstone', sa.String(length=64), nullable=False),
    sa.Column('rows', sa.BigInteger(), nullable=False),
    sa.Column('refused', sa.BigInteger(), nullable=False),
    sa.Column('erased_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('erased_by', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_erasures_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasures')),
    sa.UniqueConstraint('project_id', 'tombstone', name=op.f('uq_erasures_project_id_tombstone'))
    )
    op.create_table('retained_totals',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Integer(), nullable=False),
    sa.Column('fact', sa.String(length=16), nullable=False),
    sa.Column('type', sa.String(length=64), nullable=False),
    sa.Column('channel', sa.String(length=32), nullable=True),
    sa.Column('currency', sa.String(length=3), nullable=True),
    sa.Column('machine', sa.Boolean(), nullable=False),
    sa.Column('count', sa.BigInteger(), nullable=False),
    sa.Column('total', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_retained_totals_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_retained_totals'))
    )
    op.create_table('idempotency_keys',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('caller', sa.String(length=400), nullable=False),
    sa.Column('method', sa.String(length=8), nullable=False),
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('request_hash', sa.String(length=64), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('headers', sa.JSON(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_idempotency_keys_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_idempotency_keys')),
    sa.UniqueConstraint('project_id', 'caller', 'method', 'path', 'key', name=op.f('uq_idempotency_keys_project_id_caller_method_path_key'))
    )
    op.create_table('message_costs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('costs', sa.JSON(), nullable=False),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_message_costs_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message_costs')),
    sa.UniqueConstraint('project_id', 'revision', name=op.f('uq_message_costs_project_id_revision'))
    )
    op.create_table('report_shares',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('experiment_id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('redact', sa.JSON(), nullable=False),
    sa.Column('report', sa.JSON(), nullable=False),
    sa.Column('as_of', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('expires_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['experiment_id'], ['experiments.id'], name=op.f('fk_report_shares_experiment_id')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_report_shares_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_shares')),
    sa.UniqueConstraint('public_id', name=op.f('uq_report_shares_public_id')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_report_shares_token_hash'))
    )
    op.create_table('kpi_annotations',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('kpi_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.CheckConstraint('ends_on >= starts_on', name=op.f('ck_kpi_annotations_order')),
    sa.ForeignKeyConstraint(['kpi_id'], ['kpis.id'], name=op.f('fk_kpi_annotations_kpi_id')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_kpi_annotations_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kpi_annotations'))
    )
    op.create_index('ix_kpi_annotations_project_id_starts_on', 'kpi_annotations', ['project_id', 'starts_on'])
    op.create_table('reported_values',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('series', sa.String(length=64), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('channel', sa.String(length=64), nullable=False),
    sa.Column('dimension', sa.String(length=128), nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=True),
    sa.Column('reported_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('reported_by', sa.Text(), nullable=False),
    sa.Column('replaced_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_reported_values_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reported_values'))
    )
    held = sa.text("replaced_at is null")
    op.create_index('uq_reported_values_held', 'reported_values', ['project_id', 'series', 'day', 'channel', 'dimension', 'source'], unique=True, sqlite_where=held, postgresql_where=held)
    op.create_table('notes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.String(length=256), nullable=True),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('unit_id', sa.String(length=1024), nullable=True),
    sa.Column('experiment_id', sa.Integer(), nullable=True),
    sa.Column('variant', sa.String(length=64), nullable=True),
    sa.Column('kpi', sa.String(length=64), nullable=True),
    sa.Column('score', sa.BigInteger(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('said_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.CheckConstraint("kind in ('survey', 'comment', 'note')", name=op.f('ck_notes_kind')),
    sa.ForeignKeyConstraint(['experiment_id'], ['experiments.id'], name=op.f('fk_notes_experiment_id')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_notes_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notes')),
    sa.UniqueConstraint('project_id', 'source_id', name=op.f('uq_notes_project_id_source_id'))
    )
    op.create_index('ix_notes_experiment_id', 'notes', ['experiment_id'])
    op.create_index('ix_notes_unit_id', 'notes', ['project_id', 'unit_id'])
    op.create_table('note_tags',
    sa.Column('note_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('tag', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['note_id'], ['notes.id'], name=op.f('fk_note_tags_note_id')),
    sa.PrimaryKeyConstraint('note_id', 'tag', name=op.f('pk_note_tags'))
    )
    op.create_index('ix_report_shares_experiment_id', 'report_shares', ['experiment_id'])
    op.create_table('reports',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('experiment_id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False),
    sa.Column('occasion', sa.String(length=16), nullable=False),
    sa.Column('as_of', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ledger_identity', sa.String(length=36), nullable=False),
    sa.Column('ledger_position', sa.BigInteger(), nullable=False),
    sa.Column('position_digest', sa.String(length=64), nullable=True),
    sa.Column('dropped', sa.BigInteger(), nullable=False),
    sa.Column('experiment_revision', sa.Integer(), nullable=False),
    sa.Column('kpi_versions', sa.JSON(), nullable=False),
    sa.Column('code_version', sa.String(length=64), nullable=False),
    sa.Column('basis', sa.JSON(), nullable=False),
    sa.Column('summary', sa.JSON(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('created_at', experiments.storage.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['experiment_id'], ['experiments.id'], name=op.f('fk_reports_experiment_id')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_reports_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reports')),
    sa.UniqueConstraint('public_id', name=op.f('uq_reports_public_id'))
    )
    op.create_index('ix_reports_experiment_id', 'reports', ['experiment_id'])
    op.create_index('ix_repeats_project_id_visible_from', 'repeats', ['project_id', 'visible_from'])
    of_exposures = sa.text("fact = 'exposure'")
    op.create_index('ix_ledger_exposed_units', 'ledger', ['experiment_id', 'unit_id'], sqlite_where=of_exposures, postgresql_where=of_exposures)
    op.create_index('ix_ledger_exposed_at', 'ledger', ['project_id', 'occurred_at'], sqlite_where=of_exposures, postgresql_where=of_exposures)
    aliased = sa.text("alias is not null")
    op.create_index('ix_ledger_alias', 'ledger', ['project_id', 'alias'], sqlite_where=aliased, postgresql_where=aliased)
    of_aliases = sa.text("fact = 'alias'")
    op.create_index('ix_ledger_alias_unit', 'ledger', ['project_id', 'unit_id'], sqlite_where=of_aliases, postgresql_where=of_aliases)
    op.create_index('ix_shadows_standing', 'shadows', ['standing_import_id', 'source_id'])
    op.create_index('ix_retained_totals_day', 'retained_totals', ['project_id', 'day'])
    op.create_index('ix_idempotency_keys_created_at', 'idempotency_keys', ['created_at'])
    create_views(op.get_bind())
    first = {"id": 1, "version": 1, "ledger_identity": str(uuid.uuid4())}
    op.bulk_insert(sa.table("configuration", *map(sa.column, first)), [first])


def downgrade() -> None:
    drop_views(op.get_bind())
    op.drop_table('note_tags')
    op.drop_index('ix_notes_unit_id', 'notes')
    op.drop_index('ix_notes_experiment_id', 'notes')
    op.drop_table('notes')
    op.drop_index('ix_kpi_annotations_project_id_starts_on', 'kpi_annotations')
    op.drop_table('kpi_annotations')
    op.drop_index('uq_reported_values_held', 'reported_values')
    op.drop_table('reported_values')
    op.drop_index('ix_reports_experiment_id', 'reports')
    op.drop_table('reports')
    op.drop_index('ix_report_shares_experiment_id', 'report_shares')
    op.drop_table('report_shares')
    op.drop_index('ix_idempotency_keys_created_at', 'idempotency_keys')
    op.drop_index('ix_retained_totals_day', 'retained_totals')
    op.drop_index('ix_shadows_standing', 'shadows')
    op.drop_index('ix_ledger_alias_unit', 'ledger')
    op.drop_index('ix_ledger_alias', 'ledger')
    op.drop_table('shadows')
    op.drop_table('erasures')
    op.drop_table('retained_totals')
    op.drop_table('idempotency_keys')
    op.drop_table('message_costs')
    op.drop_index('ix_ledger_exposed_at', 'ledger')
    op.drop_index('ix_ledger_exposed_units', 'ledger')
    op.drop_table('inbound_webhooks')
    op.drop_table('overrides')
    op.drop_table('sending_rules')
    op.drop_table('unit_list_parts')
    op.drop_table('unit_lists')
    op.drop_table('saved_segments')
    op.drop_table('holdouts')
    op.drop_table('layers')
    op.drop_index('ix_repeats_project_id_visible_from', 'repeats')
    op.drop_table('repeats')
    op.drop_table('batches')
    op.drop_table('phases')
    op.drop_table('ledger')
    op.drop_table('kpi_versions')
    op.drop_table('sign_ins')
    op.drop_table('memberships')
    op.drop_table('kpis')
    op.drop_table('imports')
    op.drop_table('experiments')
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_project_id_object')

    op.drop_table('audit')
    op.drop_table('api_keys')
    op.drop_table('users')
    op.drop_table('projects')
    op.drop_table('configuration')
